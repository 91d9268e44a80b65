import { kindOf, pathTo, type Resource } from '../resources/types.ts';
import type { PositionPlace } from '../strategies/position-key.ts';
import { distinctIds } from './ids.ts';

/** The records that a run is about, by how routes name their ids. What is not in it is read whole. */
export type Asked = ReadonlyMap<string, readonly string[]>;

/** What a run can be about, and how routes name its id. */
export const SCOPES = { teams: 'team-id', channels: 'channel-id', users: 'user-id', chats: 'chat-id' } as const;

export type ScopeName = keyof typeof SCOPES;

/** As commands and the log of runs name them. */
export type AskedNames = { readonly [Name in ScopeName]?: readonly string[] | undefined };

export const scopeNames = Object.keys(SCOPES) as readonly ScopeName[];

export function askedOf(names: AskedNames): Asked {
  const asked = new Map<string, readonly string[]>();
  for (const name of scopeNames) {
    const ids = names[name];
    if (ids) asked.set(SCOPES[name], distinctIds(ids));
  }
  return asked;
}

/** What is written down of a run. */
export const namesOf = (names: AskedNames): AskedNames =>
  Object.fromEntries(scopeNames.map((name) => [name, names[name]]));

/** The ids that are asked for of a collection's records; undefined: all. */
export const askedIn = (asked: Asked, { gives }: Pick<Resource, 'gives'>): readonly string[] | undefined =>
  gives === undefined ? undefined : asked.get(gives);

/** True for ids of which each is asked for, where some of its kind are. */
export const areAsked = (asked: Asked, ids: Readonly<Record<string, string>>): boolean =>
  [...asked].every(([name, wanted]) => ids[name] === undefined || wanted.includes(ids[name]));

/**
 * True when a place of a resource is one that was asked for, or below one. Of what several places list, the place does
 * not tell below which of them it was read.
 */
export function isAsked(asked: Asked, resource: Resource, { kind, ids }: PositionPlace): boolean {
  const path = pathTo(resource.of);
  const at = path.findIndex((level) => kindOf(level) === kind);
  const from = Math.max(
    0,
    path.slice(0, at + 1).findLastIndex(({ shared }) => shared),
  );
  return path.slice(from).every((level, depth) => {
    const wanted = askedIn(asked, level);
    return wanted === undefined || (ids[depth] !== undefined && wanted.includes(ids[depth]));
  });
}
