import {
  any,
  boolean,
  either,
  imageUrl,
  linkUrl,
  list,
  markdown,
  mediaUrl,
  type NodeType,
  node,
  number,
  oneOf,
  pixels,
  required,
  since,
  string,
} from './rules.ts';
import {
  backgroundImage,
  container,
  containerStyle,
  element,
  fallbackElement,
  horizontal,
  iconStyle,
  selectAction,
  spacing,
  textStyle,
  vertical,
} from './shared-properties.ts';

const cellAlignment = { horizontalCellContentAlignment: horizontal, verticalCellContentAlignment: vertical } as const;
const weight = { is: 'pattern', pattern: /^\d+(\.\d+)?$/, example: '2' } as const;
const layout = { targetWidth: string } as const;
const gaps = { columnSpacing: spacing, rowSpacing: spacing } as const;

/** An Entra object id, a user principal name, or a bot's `29:` id. Source: https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-format#user-mention-in-bots-with-adaptive-cards */
const personId = {
  is: 'pattern',
  pattern: /^(29:\S+|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[^@\s]+@[^@\s]+)$/i,
  example: 'ann@contoso.com',
} as const;

/** The card itself, and the objects that only certain properties hold. Source: https://adaptivecards.io/explorer/ */
export const PARTS = {
  AdaptiveCard: {
    group: 'part',
    since: '1.0',
    properties: {
      version: string,
      body: list(node('element')),
      actions: list(node('action')),
      fallbackText: string,
      speak: string,
      lang: string,
      style: containerStyle,
      selectAction: since('1.1', selectAction),
      backgroundImage,
      minHeight: since('1.2', pixels),
      verticalContentAlignment: since('1.1', vertical),
      rtl: since('1.5', boolean),
      refresh: since('1.4', node('Refresh')),
      authentication: since('1.4', node('Authentication')),
      msteams: node('TeamsProperties'),
      metadata: node('Metadata'),
      layouts: list(node('layout')),
      fallback: fallbackElement,
      requires: since('1.2', any),
      id: string,
      $schema: string,
    },
  },
  Column: {
    group: 'part',
    since: '1.0',
    properties: {
      ...element,
      ...container,
      fallback: since('1.2', either(node('Column'), oneOf('drop'))),
      items: list(node('element')),
      width: either(number, oneOf('auto', 'stretch'), pixels, weight),
      horizontalAlignment: horizontal,
    },
  },
  TableRow: {
    group: 'part',
    since: '1.5',
    properties: { ...element, ...cellAlignment, cells: list(node('TableCell')), style: containerStyle },
  },
  TableCell: {
    group: 'part',
    since: '1.5',
    properties: { ...element, ...container, items: list(node('element')) },
  },
  CarouselPage: {
    group: 'part',
    since: 'teams',
    properties: { ...element, ...container, items: required(list(node('element'))) },
  },
  TextRun: {
    group: 'part',
    since: '1.2',
    properties: {
      ...textStyle,
      id: string,
      lang: string,
      isVisible: boolean,
      text: required(string),
      italic: boolean,
      strikethrough: boolean,
      highlight: boolean,
      underline: since('1.3', boolean),
      selectAction,
    },
  },
  'Data.Query': {
    group: 'part',
    since: 'teams',
    properties: { dataset: required(string), associatedInputs: oneOf('auto', 'none'), count: number, skip: number },
  },
  'Layout.Stack': { group: 'layout', since: 'teams', properties: layout },
  'Layout.Flow': {
    group: 'layout',
    since: 'teams',
    properties: {
      ...layout,
      ...gaps,
      horizontalItemsAlignment: horizontal,
      verticalItemsAlignment: vertical,
      itemFit: oneOf('Fit', 'Fill'),
      itemWidth: pixels,
      minItemWidth: pixels,
      maxItemWidth: pixels,
    },
  },
  'Layout.AreaGrid': {
    group: 'layout',
    since: 'teams',
    properties: { ...layout, ...gaps, columns: list(either(number, string)), areas: required(list(node('GridArea'))) },
  },
  mention: {
    group: 'part',
    since: 'teams',
    properties: { text: required(string), mentioned: required(node('MentionedPerson')) },
  },
  MentionedPerson: part({ id: required(personId), name: required(string) }),
  TeamsProperties: part({ width: oneOf('Full'), entities: list(node('mention')) }),
  Fact: part({ title: required(markdown), value: required(markdown) }),
  Choice: part({ title: required(markdown), value: required(string) }),
  TableColumn: part({ width: either(number, pixels), ...cellAlignment }),
  BackgroundImage: part({
    url: required(imageUrl),
    fillMode: oneOf('Cover', 'RepeatHorizontally', 'RepeatVertically', 'Repeat'),
    horizontalAlignment: horizontal,
    verticalAlignment: vertical,
  }),
  ImageProperties: part({ allowExpand: boolean }),
  MediaSource: part({ url: required(mediaUrl), mimeType: string }),
  CaptionSource: part({ url: required(mediaUrl), label: required(string), mimeType: required(string) }),
  IconInfo: part({ ...iconStyle, name: required(string) }),
  GridArea: part({ name: required(string), column: number, columnSpan: number, row: number, rowSpan: number }),
  TargetElement: part({ elementId: required(string), isVisible: boolean }),
  Metadata: part({ webUrl: linkUrl }),
  Refresh: part({ action: required(node('Action.Execute')), userIds: list(string), expires: string }),
  Authentication: part({
    text: string,
    connectionName: string,
    tokenExchangeResource: node('TokenExchangeResource'),
    buttons: list(node('AuthButton')),
  }),
  TokenExchangeResource: part({ id: required(string), uri: required(string), providerId: required(string) }),
  AuthButton: part({ type: string, title: string, image: imageUrl, value: linkUrl }),
} as const satisfies Record<string, NodeType>;

function part<const P extends NodeType['properties']>(properties: P) {
  return { group: 'part', since: '1.0', typed: false, properties } as const;
}
