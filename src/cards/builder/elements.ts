import { PlainText } from '../../html/plain-text.ts';
import type { Properties } from '../catalogue/catalogue.ts';
import type { CardNode } from '../catalogue/rules.ts';
import { plainBlocks } from '../plain/blocks.ts';
import { plainFacts } from '../plain/facts.ts';
import type { MentionText } from './mention-text.ts';
import { make } from './node.ts';

type Text = string | PlainText | MentionText;
type Rest<N extends Parameters<typeof make>[0], K extends string> = Omit<Properties<N>, K>;

/**
 * A text. A `string` is Markdown; hand in `PlainText` or the `text` tag for anything a person typed. Wraps unless told
 * not to. A `PlainText` may become another element: one that shows it to the character on every client.
 */
export function textBlock(
  text: Text,
  options: Rest<'TextBlock', 'text'> = {},
): CardNode<'TextBlock' | 'RichTextBlock' | 'CodeBlock' | 'Container'> {
  if (!(text instanceof PlainText)) return make('TextBlock', { wrap: true, ...options, text });
  const { color, fontType, isSubtle, size, weight, wrap, maxLines, style, ...place } = options;
  const look = defined({ color, fontType, isSubtle, size, weight });
  const blocks = plainBlocks(text, look);
  const [only, ...more] = blocks;
  if (only === undefined) return make('TextBlock', { wrap: true, ...options, text: '' });
  if (more.length > 0) return { ...make('Container', { items: blocks }), ...place };
  return { ...only, ...place, ...(only.type === 'TextBlock' && defined({ wrap: wrap ?? true, maxLines, style })) };
}
export const richTextBlock = (
  inlines: Properties<'RichTextBlock'>['inlines'],
  options: Rest<'RichTextBlock', 'inlines'> = {},
) => make('RichTextBlock', { ...options, inlines });
export const textRun = (text: string | PlainText, options: Rest<'TextRun', 'text'> = {}) =>
  make('TextRun', { ...options, text });
export const image = (url: string, options: Rest<'Image', 'url'> = {}) => make('Image', { ...options, url });
export const imageSet = (images: Properties<'ImageSet'>['images'], options: Rest<'ImageSet', 'images'> = {}) =>
  make('ImageSet', { ...options, images });
export const media = (sources: Properties<'Media'>['sources'], options: Rest<'Media', 'sources'> = {}) =>
  make('Media', { ...options, sources });
export const container = (
  items: NonNullable<Properties<'Container'>['items']>,
  options: Rest<'Container', 'items'> = {},
) => make('Container', { ...options, items });
export const columnSet = (
  columns: NonNullable<Properties<'ColumnSet'>['columns']>,
  options: Rest<'ColumnSet', 'columns'> = {},
) => make('ColumnSet', { ...options, columns });
export const column = (items: NonNullable<Properties<'Column'>['items']>, options: Rest<'Column', 'items'> = {}) =>
  make('Column', { ...options, items });
/** Titles with values: `factSet([['Owner', text`${mention(ann)}`]])`. Plain ones are shown to the character, as a text is. */
export function factSet(
  facts: readonly (readonly [title: Text, value: Text])[],
  options: Rest<'FactSet', 'facts'> = {},
): CardNode<'FactSet' | 'RichTextBlock'> {
  if (facts.every(isPlain)) return { ...plainFacts(facts), ...options };
  return make('FactSet', { ...options, facts: facts.map(([title, value]) => ({ title, value })) });
}
export const actionSet = (actions: Properties<'ActionSet'>['actions'], options: Rest<'ActionSet', 'actions'> = {}) =>
  make('ActionSet', { ...options, actions });
export const table = (rows: NonNullable<Properties<'Table'>['rows']>, options: Rest<'Table', 'rows'> = {}) =>
  make('Table', { ...options, rows });
export const tableRow = (
  cells: NonNullable<Properties<'TableRow'>['cells']>,
  options: Rest<'TableRow', 'cells'> = {},
) => make('TableRow', { ...options, cells });
export const tableCell = (
  items: NonNullable<Properties<'TableCell'>['items']>,
  options: Rest<'TableCell', 'items'> = {},
) => make('TableCell', { ...options, items });
export const carousel = (pages: Properties<'Carousel'>['pages'], options: Rest<'Carousel', 'pages'> = {}) =>
  make('Carousel', { ...options, pages });
export const carouselPage = (items: Properties<'CarouselPage'>['items'], options: Rest<'CarouselPage', 'items'> = {}) =>
  make('CarouselPage', { ...options, items });
export const badge = (text: string | PlainText, options: Rest<'Badge', 'text'> = {}) =>
  make('Badge', { ...options, text });
export const icon = (name: string, options: Rest<'Icon', 'name'> = {}) => make('Icon', { ...options, name });
export const codeBlock = (codeSnippet: string, options: Rest<'CodeBlock', 'codeSnippet'> = {}) =>
  make('CodeBlock', { ...options, codeSnippet });
export const rating = (options: Properties<'Rating'> = {}) => make('Rating', options);
export const compoundButton = (title: string, options: Rest<'CompoundButton', 'title'> = {}) =>
  make('CompoundButton', { ...options, title });
export const progressBar = (options: Properties<'ProgressBar'> = {}) => make('ProgressBar', options);
export const progressRing = (options: Properties<'ProgressRing'> = {}) => make('ProgressRing', options);
/** A Microsoft Graph component, for example a person's card. */
export const component = (
  name: Properties<'Component'>['name'],
  properties: Readonly<Record<string, unknown>>,
  options: Rest<'Component', 'name' | 'properties'> = {},
) => make('Component', { ...options, name, properties });
export const stackLayout = (options: Properties<'Layout.Stack'> = {}) => make('Layout.Stack', options);
export const flowLayout = (options: Properties<'Layout.Flow'> = {}) => make('Layout.Flow', options);
export const areaGridLayout = (options: Properties<'Layout.AreaGrid'>) => make('Layout.AreaGrid', options);

const isPlain = (fact: readonly [Text, Text]): fact is readonly [PlainText, PlainText] =>
  fact.every((text) => text instanceof PlainText);

function defined<T extends object>(values: T): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;
}
