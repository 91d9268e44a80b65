import type { PlainText } from '../../html/plain-text.ts';
import type { CardNode } from '../catalogue/rules.ts';
import { type PlainOptions, richTextBlock, type run, spansMarkdown, withSolidBlanks } from './blocks.ts';
import { type LinkSpan, linkSpans } from './link-spans.ts';

/**
 * Titles with plain values: a FactSet, or, since that reads Markdown, a list of its own when one of the texts is not
 * the same for every Markdown parser.
 */
export function plainFacts(
  facts: readonly (readonly [title: PlainText, value: PlainText])[],
  { links = {} }: PlainOptions = {},
): CardNode<'FactSet' | 'RichTextBlock'> {
  const lines = (text: PlainText) =>
    text
      .toString()
      .split('\n')
      .map((line) => linkSpans(withSolidBlanks(line), links));
  const seen = facts.map(([title, value]) => ({ title: lines(title), value: lines(value) }));
  const markdown = seen.map(({ title, value }) => ({ title: oneLine(title), value: oneLine(value) }));
  if (markdown.every(({ title, value }) => title !== undefined && value !== undefined)) {
    return { type: 'FactSet', facts: markdown };
  }
  const inlines = seen.flatMap(({ title, value }, index) => {
    const name = { type: 'TextRun', text: `${index > 0 ? '\n' : ''}${textOf(title)}: `, weight: 'Bolder' } as const;
    return [name, ...(richTextBlock(value, {})['inlines'] as ReturnType<typeof run>[])];
  });
  return { type: 'RichTextBlock', inlines };
}

const oneLine = (lines: readonly (readonly LinkSpan[])[]) =>
  lines.length === 1 ? spansMarkdown(lines[0]!) : undefined;

const textOf = (lines: readonly (readonly LinkSpan[])[]) =>
  lines.map((spans) => spans.map(({ text }) => text).join('')).join(' ');
