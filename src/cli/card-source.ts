import { expandTemplate, parseCardSource } from '../cards/index.ts';
import type { Io } from './io.ts';
import { readSource } from './source.ts';

/** A card in a file, or a template and its data. */
export interface CardSource {
  readonly card: string;
  readonly data?: string | undefined;
}

/** Where a template has a placeholder. */
const PLACEHOLDER = '${';

/**
 * Reads a card; a template is filled. Not yet checked for a host.
 *
 * @throws SluiceError `file_unreadable`, `card_not_readable`, `template_invalid`, `template_unfilled`
 */
export async function readCard(io: Pick<Io, 'read'>, { card, data }: CardSource): Promise<unknown> {
  const bytes = await readSource(io, card);
  const template = parseCardSource(bytes, nameOf(card));
  if (data === undefined && !Buffer.from(bytes).includes(PLACEHOLDER)) return template;
  const values = data === undefined ? {} : parseCardSource(await readSource(io, data), nameOf(data));
  return await expandTemplate(template, values);
}

const nameOf = (file: string) => (file === '-' ? 'standard input' : file);
