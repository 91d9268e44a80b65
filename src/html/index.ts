export { Html } from './html.ts';
export { PlainText } from './plain-text.ts';
