import { any, boolean, either, imageUrl, list, node, number, oneOf, pixels, since, string } from './rules.ts';

export const color = oneOf('Default', 'Dark', 'Light', 'Accent', 'Good', 'Warning', 'Attention');
export const containerStyle = oneOf('default', 'emphasis', 'accent', 'good', 'attention', 'warning');
export const horizontal = oneOf('Left', 'Center', 'Right');
export const vertical = oneOf('Top', 'Center', 'Bottom');
export const spacing = oneOf('None', 'ExtraSmall', 'Small', 'Default', 'Medium', 'Large', 'ExtraLarge', 'Padding');
export const fallbackElement = either(node('element'), oneOf('drop'));
export const selectAction = { is: 'node', of: 'action', except: ['Action.ShowCard'] } as const;
export const backgroundImage = either(imageUrl, node('BackgroundImage'));
const targetWidth = {
  is: 'pattern',
  pattern: /^((atLeast|atMost):)?(veryNarrow|narrow|standard|wide)$/i,
  example: 'atLeast:narrow',
} as const;

/** Common to all elements. Source: https://adaptivecards.microsoft.com/?topic=TextBlock */
export const element = {
  id: string,
  isVisible: since('1.2', boolean),
  separator: boolean,
  spacing,
  height: since('1.1', oneOf('auto', 'stretch')),
  fallback: since('1.2', fallbackElement),
  requires: since('1.2', any),
  lang: string,
  targetWidth,
  'grid.area': string,
} as const;

/** Common to everything that holds other elements. */
export const container = {
  selectAction: since('1.1', selectAction),
  style: containerStyle,
  showBorder: boolean,
  roundedCorners: boolean,
  layouts: list(node('layout')),
  bleed: since('1.2', boolean),
  minHeight: since('1.2', pixels),
  maxHeight: pixels,
  backgroundImage: since('1.2', backgroundImage),
  verticalContentAlignment: since('1.1', vertical),
  rtl: since('1.5', boolean),
} as const;

/** Common to all text. */
export const textStyle = {
  color,
  fontType: since('1.2', oneOf('Default', 'Monospace')),
  isSubtle: boolean,
  size: oneOf('Small', 'Default', 'Medium', 'Large', 'ExtraLarge'),
  weight: oneOf('Lighter', 'Default', 'Bolder'),
} as const;

export const iconStyle = {
  size: oneOf('xxSmall', 'xSmall', 'Small', 'Standard', 'Medium', 'Large', 'xLarge', 'xxLarge'),
  style: oneOf('Regular', 'Filled'),
  color,
} as const;

export const rating = {
  value: number,
  max: number,
  size: oneOf('Medium', 'Large'),
  color: oneOf('Neutral', 'Marigold'),
} as const;
