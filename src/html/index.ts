export { Html } from './html.ts';
export { PlainText } from './plain-text.ts';
export { isBlank } from './unsafe-characters.ts';
