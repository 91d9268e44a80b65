import { literalMarkdown, solidBlanks } from '../../html/markdown-escape.ts';
import type { PlainText } from '../../html/plain-text.ts';
import type { CardNode } from '../catalogue/rules.ts';
import { type HostProfile, WORKFLOW } from '../host-profile.ts';
import type { UrlPolicy } from '../url-policy.ts';
import { type LinkSpan, linkSpans } from './link-spans.ts';

/** How a plain text looks: what a TextBlock and a run of text have in common. */
export interface TextLook {
  readonly color?: string | undefined;
  readonly fontType?: string | undefined;
  readonly isSubtle?: boolean | undefined;
  readonly size?: string | undefined;
  readonly weight?: string | undefined;
}

export interface PlainOptions {
  readonly profile?: HostProfile | undefined;
  /** Which bare addresses become links. Absent: those that every policy allows. */
  readonly links?: UrlPolicy | undefined;
  /** Whether blanks mean something. Absent: by the text itself; a part of a text says it for the whole. */
  readonly preformatted?: boolean | undefined;
}

/** An element that shows a plain text. */
export type PlainElement = CardNode<'TextBlock' | 'RichTextBlock' | 'CodeBlock'>;

/**
 * A text that every Teams client shows to the character, with its bare addresses as links. A line that means itself in
 * every Markdown parser is a TextBlock; everything else is a RichTextBlock, which knows no Markdown; indented text is
 * a CodeBlock where the host has one. Blanks that HTML would drop are non-breaking ones. Nothing for a blank text.
 *
 * Source: https://adaptivecards.io/explorer/TextRun.html
 */
export function plainBlocks(text: PlainText, look: TextLook = {}, options: PlainOptions = {}): readonly PlainElement[] {
  if (text.isBlank) return [];
  const lines = text.toString().split('\n');
  const { profile = WORKFLOW, links = {}, preformatted = isPreformatted(lines) } = options;
  if (preformatted && profile.hasCodeBlock) return [codeBlock(text.toString(), look)];
  const shape = preformatted ? { fontType: 'Monospace', ...look } : look;
  const sections: { readonly lines: LinkSpan[][]; readonly markdown?: string | undefined }[] = [];
  for (const line of lines) {
    const spans = [...linkSpans(withSolidBlanks(line), links)];
    const asMarkdown = !preformatted && (lines.length === 1 || spans.some(({ href }) => href !== undefined));
    const markdown = asMarkdown ? spansMarkdown(spans) : undefined;
    const last = sections.at(-1);
    if (last && last.markdown === undefined && markdown === undefined) last.lines.push(spans);
    else sections.push({ lines: [spans], markdown });
  }
  return joined(sections.map(({ lines: own, markdown }) => sectionOf(own, markdown, shape)));
}

interface Section {
  readonly element?: PlainElement | undefined;
  /** Blank lines around it: they become the usual space between elements. */
  readonly before: boolean;
  readonly after: boolean;
}

function sectionOf(lines: readonly LinkSpan[][], markdown: string | undefined, look: TextLook): Section {
  if (markdown !== undefined) {
    return { element: { type: 'TextBlock', text: markdown, wrap: true, ...look }, before: false, after: false };
  }
  const first = lines.findIndex((spans) => spans.length > 0);
  const last = lines.findLastIndex((spans) => spans.length > 0);
  if (first < 0) return { before: true, after: true };
  const element = richTextBlock(lines.slice(first, last + 1), look);
  return { element, before: first > 0, after: last < lines.length - 1 };
}

/** The elements of one text, close together but where it has blank lines. */
function joined(sections: readonly Section[]): readonly PlainElement[] {
  const elements: PlainElement[] = [];
  let gap = true;
  for (const { element, before, after } of sections) {
    if (element) elements.push(gap || before ? element : { ...element, spacing: 'None' });
    gap = after;
  }
  return elements;
}

/** Logs, traces, tables: several lines, and blanks that mean something in one of them. */
export function isPreformatted(lines: readonly string[]): boolean {
  return lines.length > 1 && lines.some((line) => /^[ \t\u00a0]+\S|\S(?: {2,}|\t)\S/.test(line));
}

/** A line with links as Markdown that every parser shows alike; undefined when there is none. */
export function spansMarkdown(spans: readonly LinkSpan[]): string | undefined {
  // The line as the parsers see it: a list marker may follow the bracket of a link.
  const whole = spans.map(({ text, href }) => (href === undefined ? text : 'a)')).join('');
  const isImage = spans.some(({ href }, index) => href !== undefined && spans[index - 1]?.text.endsWith('!'));
  if (isImage || literalMarkdown(whole) === undefined) return undefined;
  let markdown = '';
  for (const { text, href } of spans) {
    const part = href === undefined ? literalMarkdown(`.${text}.`)?.slice(1, -1) : linkMarkdown(text, href);
    if (part === undefined) return undefined;
    markdown += part;
  }
  return markdown;
}

function linkMarkdown(text: string, href: string): string | undefined {
  const label = literalMarkdown(text);
  const hex = (character: string) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  const target = href.replace(/[()*[\]]/g, hex);
  return label === undefined || /&#?\w+;/.test(target) ? undefined : `[${label}](${target})`;
}

/** Lines of runs in one element. */
export function richTextBlock(lines: readonly (readonly LinkSpan[])[], look: TextLook): CardNode<'RichTextBlock'> {
  const spans = lines.flatMap((line, index) => (index === 0 ? line : [{ text: '\n' }, ...line]));
  const merged: LinkSpan[] = [];
  for (const span of spans) {
    const last = merged.at(-1);
    const isText = last !== undefined && last.href === undefined && span.href === undefined;
    if (isText) merged[merged.length - 1] = { text: last.text + span.text };
    else merged.push(span);
  }
  return { type: 'RichTextBlock', inlines: merged.map((span) => run(span, look)) };
}

/** One run: an address opens when it is pressed. */
export function run({ text, href }: LinkSpan, look: TextLook): CardNode<'TextRun'> {
  if (href === undefined) return { type: 'TextRun', text, ...look };
  return { type: 'TextRun', text, color: 'Accent', ...look, selectAction: { type: 'Action.OpenUrl', url: href } };
}

/** Blanks at the beginning and the end of a line, and all but the last of several, made to stay. */
export function withSolidBlanks(line: string): string {
  return line.replace(/^[ \t]+|[ \t]+$|[ \t]+(?=[ \t])|\t/g, solidBlanks);
}

/** Phones know no CodeBlock; what they show instead is the same text. */
function codeBlock(text: string, look: TextLook): CardNode<'CodeBlock'> {
  const lines = text.split('\n').map((line) => [{ text: withSolidBlanks(line) }]);
  const fallback = richTextBlock(lines, { fontType: 'Monospace', ...look });
  return { type: 'CodeBlock', codeSnippet: text, language: 'PlainText', fallback };
}
