/** A run of text with one look. */
export interface Span {
  readonly text: string;
  readonly bold: boolean;
  readonly italic: boolean;
  /** Between `<at>` tags. */
  readonly mention: boolean;
  readonly href?: string;
}

/** One line as Teams shows it: a paragraph or a list item. */
export interface Line {
  readonly bullet?: string;
  readonly spans: readonly Span[];
}

/**
 * Every target a Markdown reader could make a link of: inline links, reference definitions, angle brackets. Linear.
 *
 * Source: https://spec.commonmark.org/0.31.2/#links
 */
export function markdownLinks(text: string): readonly string[] {
  if (!/[\]<]/.test(text)) return [];
  const inline = [...text.matchAll(/\]\([ \t\n]{0,3}<?([^)\s>]*)/g)].map(([, target]) => target!);
  const definitions = [...text.matchAll(/^[ \t]{0,3}\[[^\]\n]+\]:[ \t]{0,3}<?([^\s>]+)/gm)].map(
    ([, target]) => target!,
  );
  const angles = [...text.matchAll(/<([a-z][a-z0-9+.-]{1,31}:[^\s<>]*)>/gi)].map(([, target]) => target!);
  return [...new Set([...inline, ...definitions, ...angles])].filter((target) => target !== '');
}

/**
 * Markdown as Teams shows it in a card: bold, italic, links and lists; nothing else. Blank lines only separate.
 *
 * Source: https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-format#markdown-formatting
 */
export function parseMarkdown(text: string): readonly Line[] {
  const lines = text.split(/\r\n?|\n/).filter((line) => line.trim() !== '');
  return lines.map((line) => {
    const item = /^\s*(?:([-*+])|(\d{1,9})[.)])\s+(.*)$/.exec(line);
    if (!item) return { spans: parseSpans(line) };
    return { bullet: item[1] ? '•' : `${item[2]}.`, spans: parseSpans(item[3]!) };
  });
}

const TOKEN = new RegExp(
  [
    '\\\\(?<escaped>[!-/:-@[-`{-~])',
    '(?<entity>&(?:lt|gt|amp|quot|nbsp);)',
    '\\[(?<label>(?:\\\\.|[^\\]\\\\]){0,500})\\]\\((?<target>[^)\\s]{0,2000})\\)',
    '(?<mark>\\*\\*|__|\\*|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9]))',
    '(?<mention></?at>)',
  ].join('|'),
  'g',
);
const ENTITIES: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&amp;': '&',
  '&quot;': '"',
  '&nbsp;': '\u00a0',
};

function parseSpans(line: string): readonly Span[] {
  const spans: Span[] = [];
  let [bold, italic, mention] = [false, false, false];
  const add = (text: string) => text && spans.push({ text, bold, italic, mention });
  let from = 0;
  for (const found of line.matchAll(TOKEN)) {
    const { escaped, entity, label, target, mark } = found.groups!;
    const end = found.index + found[0].length;
    const open = mark !== undefined && (mark.length === 2 ? bold : italic);
    if (mark !== undefined && !open && !line.includes(mark, end)) continue;
    add(line.slice(from, found.index));
    from = end;
    if (escaped !== undefined) add(escaped);
    else if (entity !== undefined) add(ENTITIES[entity]!);
    else if (label !== undefined) spans.push(...parseSpans(label).map((span) => ({ ...span, href: target! })));
    else if (found.groups!['mention'] !== undefined) mention = found[0] === '<at>';
    else if (mark?.length === 2) bold = !bold;
    else if (mark !== undefined) italic = !italic;
  }
  add(line.slice(from));
  return joined(spans);
}

const LOOKS = ['bold', 'italic', 'mention', 'href'] as const;

/** Neighbours with the same look become one span. */
function joined(spans: readonly Span[]): readonly Span[] {
  const result: Span[] = [];
  for (const span of spans) {
    const last = result.at(-1);
    const same = LOOKS.every((look) => last?.[look] === span[look]);
    if (last && same) result[result.length - 1] = { ...last, text: last.text + span.text };
    else result.push(span);
  }
  return result;
}

/** The text without its marks, lines joined by line ends. */
export function markdownText(text: string): string {
  return parseMarkdown(text)
    .map(({ bullet, spans }) => (bullet ? `${bullet} ` : '') + spans.map((span) => span.text).join(''))
    .join('\n');
}
