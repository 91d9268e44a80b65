/** Where a card is read: in a browser or on the desktop, or on a phone. Their Markdown parsers differ. */
export const CARD_VIEWS = ['web', 'phone'] as const;
export type CardView = (typeof CARD_VIEWS)[number];

/** A run of text with one look. */
export interface Span {
  readonly text: string;
  readonly bold: boolean;
  readonly italic: boolean;
  readonly code?: true;
  /** Between `<at>` tags. */
  readonly mention: boolean;
  readonly href?: string;
}

/** One line as it is shown: a paragraph or a list item. */
export interface Line {
  readonly bullet?: string;
  readonly spans: readonly Span[];
}

export const PLAIN_SPAN = { bold: false, italic: false, mention: false } as const;

const LOOKS = ['bold', 'italic', 'code', 'mention', 'href'] as const;

/** Neighbours with the same look become one span; what stands between `<at>` tags becomes a mention. */
export function joinedSpans(spans: readonly Span[]): readonly Span[] {
  let mention = false;
  const result: Span[] = [];
  for (const span of spans.flatMap((whole) => whole.text.split(/(<\/?at>)/).map((text) => ({ ...whole, text })))) {
    if (/^<\/?at>$/.test(span.text) && !span.code) mention = span.text === '<at>';
    else if (span.text !== '') append(result, { ...span, mention });
  }
  return result;
}

function append(spans: Span[], span: Span): void {
  const last = spans.at(-1);
  const same = last !== undefined && LOOKS.every((look) => last[look] === span[look]);
  if (same) spans[spans.length - 1] = { ...last, text: last.text + span.text };
  else spans.push(span);
}

/** The text of lines without their marks, joined by line ends. */
export function textOfLines(lines: readonly Line[]): string {
  return lines
    .map(({ bullet, spans }) => (bullet ? `${bullet} ` : '') + spans.map((span) => span.text).join(''))
    .join('\n');
}
