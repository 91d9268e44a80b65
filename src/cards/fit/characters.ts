import { isPreformatted } from '../plain/blocks.ts';
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

/** How a line of a log begins: with a time, a level, a field, or a frame of a stack. */
const LOG_LINE =
  /^[\s[("<|]*(?:\d{4}[-/]\d\d[-/]\d\d|\d\d:\d\d:\d\d|[A-Z][a-z]{2} +\d{1,2} \d\d:|[IWEFD]\d{4} |(?:ts|time|level|lvl)=|\{"|at \S+[ (]|(?:trace|debug|info|notice|warn(?:ing)?|err(?:or)?|fatal|crit(?:ical)?|panic)\b[\]:|\s])/i;

const FEWEST_LINES = 3;

/** True for the output of a program, whose end says what happened: blanks that mean something, log lines, or very many. */
export function isLogText(text: string): boolean {
  const lines = text.split('\n');
  if (lines.length > LOG_LINES || isPreformatted(lines)) return true;
  const written = lines.filter((line) => line.trim() !== '');
  return written.length >= FEWEST_LINES && written.filter((line) => LOG_LINE.test(line)).length * 2 >= written.length;
}

/** The same for a card: fixed width, code, or texts that are a log together. */
export function isLog(card: MutableNode): boolean {
  const written = JSON.stringify(card['body'] ?? []);
  return /"(?:fontType":"Monospace|type":"CodeBlock)"/.test(written) || isLogText(readTexts(card['body']).join('\n'));
}

function readTexts(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(readTexts);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) =>
    key === 'text' && typeof child === 'string' ? [child] : readTexts(child),
  );
}
