import { allowedHref } from '../../html/allow-list.ts';
import { escapeAttribute, escapeText } from '../../html/escape.ts';
import type { Line, Span } from '../markdown/lines.ts';

/** A tag with attributes; an attribute without value is left out. */
export function tag(name: string, attributes: Readonly<Record<string, string | undefined>>, content: string): string {
  const written = Object.entries(attributes).map(([key, value]) =>
    value ? ` ${key}="${escapeAttribute(value)}"` : '',
  );
  return `<${name}${written.join('')}>${content}</${name}>`;
}

/** A link that leaks nothing, or its text alone when it leads nowhere good. */
export function link(href: string, className: string | undefined, content: string): string {
  const good = allowedHref(href);
  const attributes = { href: good, class: className, target: '_blank', rel: 'noopener noreferrer' };
  return good ? tag('a', attributes, content) : tag('span', { class: className }, content);
}

/** Lines of a text as HTML: paragraphs and list items. */
export function blockHtml(lines: readonly Line[]): string {
  return lines.map(lineHtml).join('');
}

/** Lines of a text within one. */
export function inlineHtml(lines: readonly Line[]): string {
  return lines.map((line) => line.spans.map(spanHtml).join('')).join('<br>');
}

function lineHtml(line: Line): string {
  const content = line.spans.map(spanHtml).join('');
  return line.bullet === undefined
    ? tag('p', {}, content)
    : tag('p', { class: 'item' }, `${escapeText(line.bullet)} ${content}`);
}

function spanHtml(span: Span): string {
  const text = span.href === undefined ? escapeText(span.text) : link(span.href, undefined, escapeText(span.text));
  const named = span.mention ? tag('span', { class: 'at' }, text) : span.code ? tag('code', {}, text) : text;
  const italic = span.italic ? tag('em', {}, named) : named;
  return span.bold ? tag('strong', {}, italic) : italic;
}
