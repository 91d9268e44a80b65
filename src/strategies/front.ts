import { instant, type ListPosition } from './position.ts';

/** Hidden replies of the threads in front are read again after this long: a change in them shows nowhere. */
const CHECK_AFTER_MS = 24 * 3_600_000;

/**
 * True when the threads in front stand as they stood when their hidden replies were read, not long ago.
 *
 * @param ids - those that show no change
 * @param options.changed - those that do
 */
export function isKnownFront(
  front: ListPosition['front'],
  ids: readonly string[],
  { changed, nowMs }: { readonly changed: ReadonlySet<unknown>; readonly nowMs: number },
): boolean {
  if (!front || Math.abs(nowMs - Date.parse(front.checkedAt)) >= CHECK_AFTER_MS) return false;
  const known = front.ids.filter((id) => !changed.has(id));
  return ids.every((id, index) => known[index] === id);
}

/** A position that remembers the threads in front. @param options.isKnown - their replies were not read again */
export function withFront(
  position: ListPosition,
  ids: readonly string[],
  { isKnown, nowMs }: { readonly isKnown: boolean; readonly nowMs: number },
): ListPosition {
  const { front: before, ...others } = position;
  const checkedAt = isKnown && before ? before.checkedAt : instant(nowMs);
  return ids.length > 0 ? { ...others, front: { ids: [...ids], checkedAt } } : others;
}
