export { Html } from './html.ts';
export { PlainText } from './plain-text.ts';
export { isBlank, unsafeCharacters } from './unsafe-characters.ts';
