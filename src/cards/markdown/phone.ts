import { joinedSpans, type Line, PLAIN_SPAN, type Span } from './lines.ts';
import { type PhoneToken, parsePhone } from './phone-parser.ts';

/**
 * Markdown as Teams shows it on Android: every line end is one, blanks collapse as in HTML, and a backslash stays but
 * before `* _ [ ] )`.
 *
 * Source: https://github.com/microsoft/Teams-AdaptiveCards-Mobile/tree/main/source/android (RendererUtil)
 */
export function phoneLines(text: string): readonly Line[] {
  return linesOf(parsePhone(text)).filter(({ bullet, spans }) => bullet !== undefined || spans.length > 0);
}

/**
 * The same on iOS, as text: without any markup the source is shown, less the backslash before `*` and `_`; with markup
 * it goes through HTML, where a line end is a blank.
 *
 * Source: https://github.com/microsoft/Teams-AdaptiveCards-Mobile/pull/83
 */
export function iosText(text: string): string {
  const tokens = parsePhone(text);
  if (!tokens.some(isMarkup)) return text.replace(/\\([*_])/g, '$1');
  return rawText(tokens)
    .replace(/[ \n]+/g, ' ')
    .trim();
}

function rawText(tokens: readonly PhoneToken[]): string {
  return tokens
    .map((token) => {
      if (token.is === 'break') return ' ';
      if (token.is === 'item') return `\n• ${rawText(token.tokens)}\n`;
      return token.is === 'link' ? rawText(token.label) : unescaped(token.text);
    })
    .join('');
}

const isMarkup = (token: PhoneToken): boolean =>
  token.is === 'item' || token.is === 'link' || (token.is === 'text' && (token.bold || token.italic));

function linesOf(tokens: readonly PhoneToken[]): Line[] {
  const lines: { bullet?: string; spans: Span[] }[] = [{ spans: [] }];
  for (const token of tokens) {
    if (token.is === 'break') lines.push({ spans: [] });
    else if (token.is === 'item') {
      const [first, ...more] = linesOf(token.tokens);
      lines.push({ bullet: '•', spans: [...first!.spans] }, ...more.map(({ spans }) => ({ spans: [...spans] })), {
        spans: [],
      });
    } else lines.at(-1)!.spans.push(...spansOf(token));
  }
  return lines.map(({ spans, ...rest }) => ({ ...rest, spans: collapsed(joinedSpans(spans)) }));
}

function spansOf(token: Exclude<PhoneToken, { is: 'break' | 'item' }>): readonly Span[] {
  if (token.is === 'text')
    return [{ ...PLAIN_SPAN, text: unescaped(token.text), bold: token.bold, italic: token.italic }];
  return token.label
    .flatMap((part) => (part.is === 'text' ? spansOf(part) : []))
    .map((span) => ({ ...span, href: unescaped(token.target) }));
}

const ENTITIES: Readonly<Record<string, string>> = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&amp;': '&' };

/** What the parser escaped before it read; entities of the source were escaped too, so they stay as they were written. */
const unescaped = (text: string) => text.replace(/&(?:lt|gt|quot|amp);/g, (entity) => ENTITIES[entity]!);

/** Blanks as HTML has them: one of several, none at the beginning of a line. */
function collapsed(spans: readonly Span[]): readonly Span[] {
  let blank = true;
  return spans.flatMap((span) => {
    let text = span.text.replace(/ +/g, ' ');
    if (blank) text = text.replace(/^ /, '');
    if (text !== '') blank = text.endsWith(' ');
    return text === '' ? [] : [{ ...span, text }];
  });
}
