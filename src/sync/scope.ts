import { pathTo, type Resource } from '../resources/types.ts';
import type { PositionPlace } from '../strategies/position-key.ts';
import { distinctIds } from './ids.ts';

/** The records that a run is about, by how routes name their ids. What is not in it is read whole. */
export type Asked = ReadonlyMap<string, readonly string[]>;

/** As commands and the log of runs name them. */
export interface AskedNames {
  readonly teams?: readonly string[] | undefined;
  readonly channels?: readonly string[] | undefined;
}

export function askedOf({ teams, channels }: AskedNames): Asked {
  const asked = new Map<string, readonly string[]>();
  if (teams) asked.set('team-id', distinctIds(teams));
  if (channels) asked.set('channel-id', channels);
  return asked;
}

/** What is written down of a run. */
export const namesOf = ({ teams, channels }: AskedNames): AskedNames => ({ teams, channels });

/** The ids that are asked for of a collection's records; undefined: all. */
export const askedIn = (asked: Asked, { gives }: Pick<Resource, 'gives'>): readonly string[] | undefined =>
  gives === undefined ? undefined : asked.get(gives);

/** True when a place of a resource is one that was asked for, or below one. */
export function isAsked(asked: Asked, resource: Resource, { ids }: Pick<PositionPlace, 'ids'>): boolean {
  return pathTo(resource.of).every((level, at) => {
    const wanted = askedIn(asked, level);
    return wanted === undefined || (ids[at] !== undefined && wanted.includes(ids[at]));
  });
}
