import { allowedHref } from '../../html/allow-list.ts';
import { escapeText } from '../../html/escape.ts';
import type { CardView } from '../markdown/lines.ts';
import type { DrawnNode } from './drawn-node.ts';
import { chartValues, drawable, nodeOf, nodesOf, numberOf, textOf } from './node.ts';
import { drawInput } from './preview-inputs.ts';
import { PREVIEW_STYLE } from './preview-style.ts';
import { blockHtml, inlineHtml, link, tag } from './preview-text.ts';
import { linesOf } from './read-texts.ts';

type Draw = (node: DrawnNode) => string;

export const PREVIEW_THEMES = ['auto', 'light', 'dark'] as const;

export interface PreviewOptions {
  /** Whose Markdown parser reads the texts. Default `web`. */
  readonly view?: CardView | undefined;
  /** Default `auto`: the theme of the browser. */
  readonly theme?: (typeof PREVIEW_THEMES)[number] | undefined;
  readonly title?: string | undefined;
}

/**
 * A page that shows a card the way Teams does on the web or on a phone, in one file: no scripts, nothing loaded but the card's own images, and
 * those without a referrer. Buttons that send something do nothing; ShowCard opens in place.
 *
 * Own renderer: the official one runs in a browser only and drops what it does not know without a word.
 *
 * @throws SluiceError `card_invalid` for what cannot be drawn: too deep, too large, no JSON
 */
export function previewPage(card: unknown, options: PreviewOptions = {}): string {
  return previewPosts([{ cards: [card] }], options);
}

/** What somebody posted into a channel. */
export interface PreviewPost {
  /** Who posted it, and when. */
  readonly head?: string | undefined;
  readonly text?: string | undefined;
  readonly cards: readonly unknown[];
}

/** Posts one below the other, as in a channel. */
export function previewPosts(
  posts: readonly PreviewPost[],
  { view = 'web', theme = 'auto', title = 'Card preview' }: PreviewOptions = {},
): string {
  const policy =
    "default-src 'none'; style-src 'unsafe-inline'; img-src https: data:; form-action 'none'; base-uri 'none'";
  return `<!doctype html>
<html lang="en" class="${view} ${theme}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeText(title)}</title>
<style>${PREVIEW_STYLE}</style>
</head>
<body>
<main>${posts.map((post) => drawPost(post, view)).join('\n') || NOTHING_POSTED}</main>
</body>
</html>
`;
}

const NOTHING_POSTED = tag('div', { class: 'subtle' }, 'Nothing posted yet.');

function drawPost({ head, text, cards }: PreviewPost, view: CardView): string {
  const parts = [
    ...(head === undefined ? [] : [tag('div', { class: 'head' }, escapeText(head))]),
    ...(text === undefined ? [] : [tag('div', { class: 'card text' }, escapeText(text))]),
    ...cards.map((card) => drawCard(drawable(card, view))),
  ];
  return tag('section', {}, parts.join('\n'));
}

const drawCard: Draw = (card) => {
  const actions = nodesOf(card, 'actions');
  return tag('div', { class: 'card' }, stack(nodesOf(card, 'body')) + (actions.length > 0 ? drawActions(actions) : ''));
};

function stack(nodes: readonly DrawnNode[]): string {
  const shown = nodes.filter((node) => node['isVisible'] !== false);
  return shown
    .map((node) => (node['separator'] === true ? tag('div', { class: 'separator' }, draw(node)) : draw(node)))
    .join('');
}

const draw: Draw = (node) => {
  const type = textOf(node, 'type');
  const known =
    DRAW.get(type) ?? (type.startsWith('Chart.') ? drawChart : type.startsWith('Input.') ? drawInput : undefined);
  if (known) return known(node);
  const fallback = nodeOf(node, 'fallback');
  if (fallback) return draw(fallback);
  return node['fallback'] === 'drop' ? '' : tag('div', { class: 'unknown' }, escapeText(type || 'no type'));
};

/** Class names for the looks of a text: only words the style sheet knows ever match. */
function look(node: DrawnNode, ...more: readonly string[]): string {
  const word = (key: string, prefix = '') =>
    textOf(node, key) &&
    prefix +
      textOf(node, key)
        .toLowerCase()
        .replace(/[^a-z]/g, '');
  const names = [word('size'), word('weight'), word('fontType'), word('horizontalAlignment'), word('color', 'c-')];
  return [...names, node['isSubtle'] === true ? 'subtle' : '', ...more].filter(Boolean).join(' ');
}

const drawText: Draw = (node) =>
  tag('div', { class: look(node, node['wrap'] === true ? '' : 'cut') }, blockHtml(linesOf(node, 'text')));

const drawRun: Draw = (run) => {
  const written = escapeText(textOf(run, 'text')).replaceAll('\n', '<br>');
  const action = nodeOf(run, 'selectAction');
  const text =
    action && textOf(action, 'type') === 'Action.OpenUrl'
      ? link(textOf(action, 'url'), look(run), written)
      : tag('span', { class: look(run) }, written);
  const styles = [
    ['italic', 'em'],
    ['strikethrough', 's'],
    ['underline', 'u'],
    ['highlight', 'mark'],
  ] as const;
  return styles.reduce((html, [key, name]) => (run[key] === true ? tag(name, {}, html) : html), text);
};

const drawImage: Draw = (node) => {
  const size = `sized-${textOf(node, 'size').toLowerCase()} ${textOf(node, 'style').toLowerCase()}`;
  const url = textOf(node, 'url');
  const source = /^data:image\//i.test(url) ? url : allowedHref(url);
  const alt = textOf(node, 'altText');
  return source
    ? tag('img', { src: source, alt: alt || 'image', class: size }, '').replace('</img>', '')
    : tag('div', { class: 'unknown' }, escapeText(alt || 'image'));
};

const drawItems: Draw = (node) => {
  const style = textOf(node, 'style').toLowerCase();
  return tag(
    'div',
    { class: style === 'emphasis' ? 'stack emphasis' : `stack s-${style}` },
    stack(nodesOf(node, 'items')),
  );
};

const drawColumns: Draw = (node) =>
  tag(
    'div',
    { class: 'columns' },
    nodesOf(node, 'columns')
      .map((column) => tag('div', { class: column['width'] === 'auto' ? 'auto' : undefined }, drawItems(column)))
      .join(''),
  );

const drawTable: Draw = (node) => {
  const rows = nodesOf(node, 'rows').map((row, index) => {
    const name = index === 0 && node['firstRowAsHeaders'] !== false ? 'th' : 'td';
    return tag(
      'tr',
      {},
      nodesOf(row, 'cells')
        .map((cell) => tag(name, {}, stack(nodesOf(cell, 'items'))))
        .join(''),
    );
  });
  return tag('table', {}, rows.join(''));
};

const drawFacts: Draw = (node) => {
  const facts = nodesOf(node, 'facts');
  return tag(
    'dl',
    {},
    facts
      .map(
        (fact) => tag('dt', {}, inlineHtml(linesOf(fact, 'title'))) + tag('dd', {}, inlineHtml(linesOf(fact, 'value'))),
      )
      .join(''),
  );
};

function drawActions(actions: readonly DrawnNode[]): string {
  return tag('div', { class: 'actions' }, actions.map(drawAction).join(''));
}

const drawAction: Draw = (action) => {
  const title = escapeText(textOf(action, 'title') || textOf(action, 'type'));
  const name = `button ${textOf(action, 'style').replace(/[^a-z]/g, '')}`.trim();
  const inner = nodeOf(action, 'card');
  if (textOf(action, 'type') === 'Action.OpenUrl') return link(textOf(action, 'url'), name, title);
  if (inner) return tag('details', {}, tag('summary', { class: name }, title) + drawCard(inner));
  return tag('span', { class: name }, title);
};

const drawChart: Draw = (node) => {
  const values = chartValues(node);
  const max = String(
    node['type'] === 'Chart.Gauge' ? numberOf(node, 'max', 100) : Math.max(1, ...values.map(({ value }) => value)),
  );
  const bars = values.map(
    ({ label, value }) =>
      tag('dt', {}, escapeText(label)) + tag('dd', {}, `${tag('meter', { max, value: String(value) }, '')} ${value}`),
  );
  return tag('div', { class: 'bolder' }, escapeText(textOf(node, 'title'))) + tag('dl', {}, bars.join(''));
};

const words =
  (className: string, key: string): Draw =>
  (node) =>
    tag('span', { class: className }, escapeText(textOf(node, key)));

const DRAW: ReadonlyMap<string, Draw> = new Map<string, Draw>([
  ['TextBlock', drawText],
  ['RichTextBlock', (node) => tag('p', { class: look(node) }, nodesOf(node, 'inlines').map(drawRun).join(''))],
  ['Image', drawImage],
  ['ImageSet', (node) => tag('div', { class: 'actions' }, nodesOf(node, 'images').map(drawImage).join(''))],
  ['Media', (node) => tag('div', { class: 'unknown' }, `▶ ${escapeText(textOf(node, 'altText'))}`)],
  ['Container', drawItems],
  ['ColumnSet', drawColumns],
  ['Table', drawTable],
  ['Carousel', (node) => nodesOf(node, 'pages').map(drawItems).join('')],
  ['FactSet', drawFacts],
  ['ActionSet', (node) => drawActions(nodesOf(node, 'actions'))],
  ['Badge', words('badge', 'text')],
  ['Icon', words('badge', 'name')],
  ['CodeBlock', (node) => tag('pre', {}, tag('code', {}, escapeText(textOf(node, 'codeSnippet'))))],
  ['Rating', (node) => tag('span', {}, `★ ${numberOf(node, 'value', 0)} / ${numberOf(node, 'max', 5)}`)],
  ['CompoundButton', (node) => words('button', 'title')(node) + words('subtle', 'description')(node)],
  [
    'ProgressBar',
    (node) =>
      tag('progress', { max: String(numberOf(node, 'max', 100)), value: String(numberOf(node, 'value', 0)) }, ''),
  ],
  ['ProgressRing', words('badge', 'label')],
  ['Component', words('badge', 'name')],
]);
