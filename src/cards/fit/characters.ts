import type { MutableNode } from './json.ts';

/** Begins the line that tells a reader that something is missing. */
const MISSING = 'This message was shortened:';

export const SHORTENED = `${MISSING} it was too large for Teams.`;

/** The line for parts that are not sent. */
export function notSentNote(characters: number, where: 'before' | 'after'): string {
  return `${MISSING} ${characters} characters ${where} this were not sent.`;
}

export const partText = (part: number, of: number) => `Part ${part} of ${of}`;

/** True for the lines that Sluice itself adds while it makes a card fit. */
function isNote(text: string): boolean {
  return text.startsWith(MISSING) || /^Part \d+ of \d+$/.test(text);
}

/** Characters of a card that a person reads, without the notes about the fitting. */
export function textCharacters(value: unknown): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + textCharacters(item), 0);
  if (typeof value !== 'object' || value === null) return 0;
  return Object.entries(value).reduce((sum, [key, child]) => {
    if (typeof child !== 'string') return key === 'fallback' ? sum : sum + textCharacters(child);
    const isRead = key === 'text' || key === 'codeSnippet' || (isFact(value) && (key === 'title' || key === 'value'));
    return isRead && !isNote(child) ? sum + child.length : sum;
  }, 0);
}

const isFact = (value: object) => 'title' in value && 'value' in value && !('type' in value);

/** Lines from which on a text is taken for the output of a program. */
const LOG_LINES = 100;

/** True for the output of a program, whose end says what happened: fixed width, code, or very many lines. */
export function isLog(card: MutableNode): boolean {
  const written = JSON.stringify(card['body'] ?? []);
  return /"(?:fontType":"Monospace|type":"CodeBlock)"/.test(written) || written.split('\\n').length > LOG_LINES;
}
