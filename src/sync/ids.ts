import { canonicalId } from '../schema/guid.ts';

/** Ids as they are compared, each once. */
export const distinctIds = (ids: readonly string[]): readonly string[] => [...new Set(ids.map(canonicalId))];

/** The first item of each id. */
export function distinctById<T extends { readonly id: string }>(items: readonly T[]): readonly T[] {
  const found = new Map<string, T>();
  for (const item of items) if (!found.has(item.id)) found.set(item.id, item);
  return [...found.values()];
}
