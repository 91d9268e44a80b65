import type { CardView } from '../markdown/lines.ts';
import { fitCells, wrapCells } from './cells.ts';
import type { DrawnNode } from './drawn-node.ts';
import { chartValues, drawable, nodeOf, nodesOf, numberOf, share, textOf } from './node.ts';
import { plainLines } from './read-texts.ts';

type Draw = (node: DrawnNode, width: number) => string[];

const MIN_WIDTH = 20;
/** Narrower columns are drawn one below the other. */
const MIN_COLUMN = 10;
const GAP = 2;

/**
 * A picture of a card for a terminal, as Teams shows it before anything is pressed. No colours, no control characters.
 *
 * @param options.width - cells per line, frame included; at least 20, default 72
 * @param options.view - whose Markdown parser reads the texts; default `web`
 * @throws SluiceError `card_invalid` for what cannot be drawn: too deep, too large, no JSON
 */
export function cardToText(
  card: unknown,
  options: { readonly width?: number | undefined; readonly view?: CardView | undefined } = {},
): string {
  const width = Math.max(MIN_WIDTH, options.width ?? 72);
  const inner = width - 4;
  const lines = drawCard(drawable(card, options.view ?? 'web'), inner).map((line) => `│ ${fitCells(line, inner)} │`);
  const rule = '─'.repeat(width - 2);
  return [`╭${rule}╮`, ...lines, `╰${rule}╯`].join('\n');
}

const drawCard: Draw = (card, width) => {
  const actions = buttons(nodesOf(card, 'actions'), width);
  const body = stack(nodesOf(card, 'body'), width);
  return actions.length > 0 && body.length > 0 ? [...body, '', ...actions] : [...body, ...actions];
};

function stack(nodes: readonly DrawnNode[], width: number): string[] {
  return nodes
    .filter((node) => node['isVisible'] !== false)
    .flatMap((node) => [...(node['separator'] === true ? ['─'.repeat(width)] : []), ...draw(node, width)]);
}

const draw: Draw = (node, width) => {
  const type = textOf(node, 'type');
  const known = DRAW.get(type) ?? (type.startsWith('Chart.') ? drawChart : undefined);
  if (known) return known(node, width);
  const fallback = nodeOf(node, 'fallback');
  return fallback
    ? draw(fallback, width)
    : node['fallback'] === 'drop'
      ? []
      : wrapCells(`‹${type || 'no type'}›`, width);
};

const drawText: Draw = (node, width) => {
  const text = plainLines(node, 'text');
  return node['wrap'] === false ? [fitCells(text.replaceAll('\n', ' '), width).trimEnd()] : wrapCells(text, width);
};

const drawItems: Draw = (node, width) => stack(nodesOf(node, 'items'), width);

/** Boxes side by side, or below each other where there is no room. */
function sideBySide(boxes: readonly DrawnNode[], width: number): string[] {
  if (boxes.length === 0) return [];
  const each = Math.floor((width - GAP * (boxes.length - 1)) / boxes.length);
  if (each < MIN_COLUMN) return boxes.flatMap((box) => drawItems(box, width));
  const columns = boxes.map((box) => drawItems(box, each));
  const height = Math.max(...columns.map((column) => column.length));
  return Array.from({ length: height }, (_, row) =>
    columns
      .map((column) => fitCells(column[row] ?? '', each))
      .join(' '.repeat(GAP))
      .trimEnd(),
  );
}

const drawFacts: Draw = (node, width) => {
  const facts = nodesOf(node, 'facts').map((fact) => [plainLines(fact, 'title'), plainLines(fact, 'value')] as const);
  const titleWidth = Math.min(Math.floor(width / 3), Math.max(0, ...facts.map(([title]) => title.length)));
  return facts.flatMap(([title, value]) =>
    wrapCells(value, width - titleWidth - GAP).map((line, index) =>
      `${fitCells(index === 0 ? title : '', titleWidth)}  ${line}`.trimEnd(),
    ),
  );
};

function buttons(actions: readonly DrawnNode[], width: number): string[] {
  const labels = actions.map((action) => `[ ${textOf(action, 'title') || textOf(action, 'type')} ]`);
  return labels.length > 0 ? wrapCells(labels.join('  '), width) : [];
}

const drawChart: Draw = (node, width) => {
  const values = chartValues(node);
  const max =
    node['type'] === 'Chart.Gauge' ? numberOf(node, 'max', 100) : Math.max(0, ...values.map(({ value }) => value));
  const labelWidth = Math.floor(width / 3);
  const bars = values.map(
    ({ label, value }) => `${fitCells(label, labelWidth)}  ${bar(share(value, max), Math.floor(width / 3))} ${value}`,
  );
  return [...wrapCells(textOf(node, 'title'), width).filter(Boolean), ...bars];
};

function bar(filled: number, width: number): string {
  const full = Math.round(filled * width);
  return '█'.repeat(full) + '░'.repeat(width - full);
}

/** An input with its label above and what it holds in its box. */
function field(box: (node: DrawnNode) => string): Draw {
  return (node, width) => {
    const mark = node['isRequired'] === true ? ' *' : '';
    const label = wrapCells(plainLines(node, 'label') + mark, width).filter((line) => line.trim() !== '');
    return [...label, ...wrapCells(box(node), width)];
  };
}

const typedField = field((node) => `[ ${textOf(node, 'value') || textOf(node, 'placeholder') || '…'} ]`);

const choices = field((node) => {
  const chosen = textOf(node, 'value').split(',');
  const [on, off] = node['isMultiSelect'] === true ? ['[x]', '[ ]'] : ['(•)', '( )'];
  return nodesOf(node, 'choices')
    .map((choice) => `${chosen.includes(textOf(choice, 'value')) ? on : off} ${plainLines(choice, 'title')}`)
    .join('\n');
});

function stars(node: DrawnNode): string {
  const max = Math.round(10 * share(numberOf(node, 'max', 5), 10));
  const full = Math.round(share(numberOf(node, 'value', 0), max) * max);
  return '★'.repeat(full) + '☆'.repeat(max - full);
}

const line =
  (text: (node: DrawnNode) => string): Draw =>
  (node, width) =>
    wrapCells(text(node), width);

const DRAW: ReadonlyMap<string, Draw> = new Map<string, Draw>([
  ['TextBlock', drawText],
  [
    'RichTextBlock',
    line((node) =>
      nodesOf(node, 'inlines')
        .map((run) => textOf(run, 'text'))
        .join(''),
    ),
  ],
  ['Image', line((node) => `[image${textOf(node, 'altText') && `: ${textOf(node, 'altText')}`}]`)],
  [
    'ImageSet',
    line((node) =>
      nodesOf(node, 'images')
        .map((image) => `[image: ${textOf(image, 'altText')}]`)
        .join(' '),
    ),
  ],
  ['Media', line((node) => `[media: ${textOf(node, 'altText')}]`)],
  ['Container', drawItems],
  ['ColumnSet', (node, width) => sideBySide(nodesOf(node, 'columns'), width)],
  ['Table', (node, width) => nodesOf(node, 'rows').flatMap((row) => sideBySide(nodesOf(row, 'cells'), width))],
  [
    'Carousel',
    (node, width) =>
      nodesOf(node, 'pages')
        .slice(0, 1)
        .flatMap((page) => drawItems(page, width)),
  ],
  ['FactSet', drawFacts],
  ['ActionSet', (node, width) => buttons(nodesOf(node, 'actions'), width)],
  ['Badge', line((node) => `(${textOf(node, 'text')})`)],
  ['Icon', line((node) => `‹${textOf(node, 'name')}›`)],
  [
    'CodeBlock',
    (node, width) =>
      textOf(node, 'codeSnippet')
        .split('\n')
        .map((code) => fitCells(`  ${code}`, width).trimEnd()),
  ],
  ['Rating', line(stars)],
  ['CompoundButton', line((node) => `[ ${textOf(node, 'title')} ] ${textOf(node, 'description')}`)],
  ['ProgressBar', (node, width) => [bar(share(numberOf(node, 'value', 0), numberOf(node, 'max', 100)), width)]],
  ['ProgressRing', line((node) => `◌ ${textOf(node, 'label')}`)],
  ['Component', line((node) => `‹${textOf(node, 'name')}›`)],
  ['Input.Text', typedField],
  ['Input.Number', typedField],
  ['Input.Date', typedField],
  ['Input.Time', typedField],
  [
    'Input.Toggle',
    field(
      (node) =>
        `${textOf(node, 'value') === (textOf(node, 'valueOn') || 'true') ? '[x]' : '[ ]'} ${plainLines(node, 'title')}`,
    ),
  ],
  ['Input.ChoiceSet', choices],
  ['Input.Rating', field(stars)],
]);
