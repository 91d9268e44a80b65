import { z } from 'zod';
import { positionKey } from '../lake/log/partition-key.ts';
import type { PartitionKey, Position } from '../lake/types.ts';
import { partitionOf } from './context.ts';
import { instant } from './position.ts';
import { placeOfKey } from './position-key.ts';
import type { Positions } from './positions.ts';
import type { Place, Stored, Subject } from './strategy.ts';

// A listing that only changes when a field of the record above it moves is not read again while that stands still.

/** So old a listing is read again all the same: what its field does not tell, such as a role, is then in the lake too. */
const READ_AGAIN_AFTER_MS = 7 * 86_400_000;

/** Shortly after a move the service may still show the listing from before. */
const SETTLED_AFTER_MS = 300_000;

const markSchema = z.strictObject({
  version: z.literal(1),
  /** What the field said of the record above, before the listing was read. */
  moved: z.string(),
  readAt: z.iso.datetime(),
});

/** Where a listing is, and what moves when it changes. */
export type Moving = Stored & Pick<Subject, 'movesWith'> & { now(): number };

/** True when the field of the record above says what it said when the listing was last read. */
export function isUnmoved(context: Moving, place: Place): boolean {
  const moved = movedOf(context, place);
  const mark = markOf(context.positions.get(positionKey(context.resource, partitionOf(place))));
  if (moved === undefined || mark === undefined || mark.moved !== moved) return false;
  // A clock that was put back says nothing.
  return Math.abs(context.now() - Date.parse(mark.readAt)) < READ_AGAIN_AFTER_MS;
}

/**
 * What is written down of a listing that was read; `null`: it is read again in any case.
 *
 * @param readAtMs - when it was read, by the service's clock
 */
export function markRead(context: Moving, place: Place, readAtMs: number): Position | null {
  const moved = movedOf(context, place);
  if (moved === undefined || isUnsettled(moved, readAtMs)) return null;
  return { version: 1, moved, readAt: instant(Math.min(readAtMs, context.now())) };
}

/** Where listings of a resource are marked. */
export const markedKeys = (positions: Positions, resource: string): readonly PartitionKey[] =>
  [...positions].flatMap(([key, position]) => (placeOfKey(key, resource) && markOf(position) ? [key] : []));

function movedOf({ movesWith }: Pick<Moving, 'movesWith'>, { item }: Place): string | undefined {
  const moved = movesWith === undefined ? undefined : item[movesWith];
  const isVersion = Number.isSafeInteger(moved) || (typeof moved === 'string' && VERSION.test(moved));
  if (isVersion) return String(moved);
  return typeof moved === 'string' && !Number.isNaN(Date.parse(moved)) ? moved : undefined;
}

const VERSION = /^\d+$/;

/** A version says by itself whether what was read is newer: the next one is another. */
const isUnsettled = (moved: string, readAtMs: number): boolean =>
  !VERSION.test(moved) && readAtMs - Date.parse(moved) < SETTLED_AFTER_MS;

function markOf(position: Position | undefined): z.output<typeof markSchema> | undefined {
  const parsed = markSchema.safeParse(position);
  return parsed.success ? parsed.data : undefined;
}
