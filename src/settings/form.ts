import { resolve } from 'node:path';
import { schemeOf } from '../runtime/local-path.ts';

/** How the text of a variable or a flag becomes a value of the schema. `place`: the URL or the path of a lake. */
export type Form = 'text' | 'number' | 'boolean' | 'list' | 'place';

/** A text that is not of its form stays a text, and the schema says what it should be. */
export function formed(text: string, form: Form): unknown {
  if (form === 'number') return Number.isNaN(Number(text)) ? text : Number(text);
  if (form === 'boolean') return { true: true, false: false, '1': true, '0': false }[text.toLowerCase()] ?? text;
  if (form === 'list') {
    const parts = text.split(',').map((part) => part.trim());
    return parts.filter((part) => part !== '');
  }
  return form === 'place' ? placeFrom(text, '.') : text;
}

/** A relative path is one of the folder it was written in; a URL and `~` say where they are themselves. */
export const placeFrom = (text: string, folder: string): string =>
  schemeOf(text) === undefined && !text.startsWith('~') ? resolve(folder, text) : text;
