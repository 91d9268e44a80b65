import { cardErrors } from './errors.ts';

/** Bytes of card or data source read at most: many times what any host takes. */
const MAX_SOURCE_BYTES = 1_048_576;

/**
 * Reads JSON from a file or a request: a card, a template or its data.
 *
 * @param what - names the source in the error: a file name, `--data`
 * @throws SluiceError `card_not_readable` when it is too large, no UTF-8, or no JSON
 */
export function parseCardSource(source: Uint8Array, what: string): unknown {
  if (source.byteLength > MAX_SOURCE_BYTES) {
    throw notReadable(`${what} has ${source.byteLength} bytes.`, `At most ${MAX_SOURCE_BYTES} are read.`);
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(source);
  } catch (cause) {
    throw notReadable(`${what} is not UTF-8.`, 'Save it as UTF-8.', cause);
  }
  try {
    return JSON.parse(text);
  } catch {
    // The cause is left out: it quotes the text.
    throw notReadable(`${what} is not JSON.`, 'Check quotes and commas.');
  }
}

const notReadable = (problem: string, valid: string, cause?: unknown) =>
  cardErrors.card_not_readable({ problem, valid }, { cause });
