import type { PartitionKey, Position } from '../lake/types.ts';
import { events } from '../resources/events.ts';
import { placeOfKey } from '../strategies/position-key.ts';
import { windowPositions } from '../strategies/positions.ts';

/** How far the calendar of a user was read. */
export interface CalendarRead {
  /** Of the user. */
  readonly id: string;
  readonly throughMs: number;
  readonly sinceMs: number;
}

/** The calendars that a lake has positions of. */
export const calendarsRead = (positions: ReadonlyMap<PartitionKey, Position>): readonly CalendarRead[] =>
  windowPositions(positions, events.name).flatMap(({ key, position }) => {
    const ids = placeOfKey(key, events.name)?.ids ?? [];
    const [id] = ids;
    if (id === undefined || ids.length !== 1) return [];
    return [{ id, throughMs: Date.parse(position.through), sinceMs: Date.parse(position.since) }];
  });
