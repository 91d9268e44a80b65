import { escapeText } from '../../html/escape.ts';
import { type Line, textOfLines } from '../markdown/lines.ts';
import type { DrawnNode } from './drawn-node.ts';
import { nodesOf, numberOf, textOf } from './node.ts';
import { inlineHtml, tag } from './preview-text.ts';
import { linesOf } from './read-texts.ts';

/** An input as its HTML counterpart. The page has no form, so nothing can be sent. */
export function drawInput(node: DrawnNode): string {
  const required = node['isRequired'] === true ? ' <span class="c-attention">*</span>' : '';
  return tag('label', {}, inlineHtml(linesOf(node, 'label')) + required + control(node));
}

function control(node: DrawnNode): string {
  const type = textOf(node, 'type');
  if (type === 'Input.ChoiceSet') return choices(node);
  if (type === 'Input.Toggle')
    return choice('checkbox', textOf(node, 'value') === (textOf(node, 'valueOn') || 'true'), linesOf(node, 'title'));
  if (node['isMultiline'] === true)
    return tag('textarea', { placeholder: textOf(node, 'placeholder') }, escapeText(textOf(node, 'value')));
  const kind = KINDS.get(type) ?? 'text';
  const max = kind === 'range' ? String(numberOf(node, 'max', 5)) : undefined;
  return voidInput({ type: kind, max, value: textOf(node, 'value'), placeholder: textOf(node, 'placeholder') });
}

const KINDS: ReadonlyMap<string, string> = new Map([
  ['Input.Number', 'number'],
  ['Input.Date', 'date'],
  ['Input.Time', 'time'],
  ['Input.Rating', 'range'],
]);

function choices(node: DrawnNode): string {
  const chosen = textOf(node, 'value').split(',');
  const all = nodesOf(node, 'choices').map((entry) => ({
    title: linesOf(entry, 'title'),
    on: chosen.includes(textOf(entry, 'value')),
  }));
  const multiple = node['isMultiSelect'] === true;
  if (multiple || textOf(node, 'style') === 'expanded') {
    return all.map(({ title, on }) => choice(multiple ? 'checkbox' : 'radio', on, title)).join('');
  }
  return tag(
    'select',
    {},
    all
      .map(({ title, on }) => tag('option', { selected: on ? 'selected' : undefined }, escapeText(textOfLines(title))))
      .join(''),
  );
}

function choice(type: string, on: boolean, title: readonly Line[]): string {
  return tag(
    'span',
    { class: 'choice' },
    `${voidInput({ type, checked: on ? 'checked' : undefined })} ${inlineHtml(title)}`,
  );
}

function voidInput(attributes: Readonly<Record<string, string | undefined>>): string {
  return tag('input', attributes, '').replace('</input>', '');
}
