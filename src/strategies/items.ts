import { canonicalId } from '../schema/guid.ts';
import type { Item } from './strategy.ts';

/** The records of a page that can be read and told apart, each under the id that it is known by. */
export const itemsOf = (found: readonly unknown[]): readonly Item[] => found.filter(isNamed).map(canonical);

/** What has no id can be neither read nor told apart; no id has a blank in it, and what has one may be anybody's words. */
export const isNamed = (item: unknown): item is Item => {
  const id = typeof item === 'object' && item !== null && 'id' in item ? item.id : undefined;
  return typeof id === 'string' && /^\S+$/.test(id);
};

const canonical = (item: Item): Item => ({ ...item, id: canonicalId(item.id) });
