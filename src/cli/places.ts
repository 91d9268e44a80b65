import { queryLake } from '../lake/query/query.ts';
import type { ObjectStore } from '../lake/stores/object-store.ts';
import type { PartitionKey, Position } from '../lake/types.ts';
import type { PositionPlace } from '../strategies/position-key.ts';
import { placesRead } from '../strategies/put-back.ts';
import type { AskedNames } from '../sync/scope.ts';
import { tables } from '../tables/index.generated.ts';
import { cliErrors } from './errors.ts';

/** Of many valid names only so many are listed. */
const NAMED = 20;

/** Every team and channel that a lake knows: those that it has rows of, and those that its positions name. */
export async function knownPlaces(
  store: ObjectStore,
  positions: ReadonlyMap<PartitionKey, Position>,
  signal: AbortSignal,
): Promise<readonly PositionPlace[]> {
  const ask = async (sql: string) =>
    (await queryLake({ store, tables, sql, signal })).rows.map((row) => row.map(String));
  const teams = (await ask('SELECT id FROM teams ORDER BY 1')).map((ids) => ({ kind: 'team', ids }));
  const channels = (await ask('SELECT team_id, id FROM channels ORDER BY 1, 2')).map((ids) => ({
    kind: 'channel',
    ids,
  }));
  return [...teams, ...channels, ...placesRead(positions)];
}

/** As a user and the reports write it: an id, or those of a team and a channel with a slash between them. */
export const nameOfPlace = ({ ids }: PositionPlace): string => ids.join('/');

/**
 * The places that are meant. The names of partitions in reports (`team:…`, `chat:…`) are taken too.
 *
 * @throws SluiceError `unknown_partition` naming valid ones
 */
export function placesNamed(names: readonly string[], known: readonly PositionPlace[]): readonly PositionPlace[] {
  return names.map((name) => {
    const wanted = name.replace(/^[a-z]+:/, '').toLowerCase();
    const found =
      known.find((place) => nameOfPlace(place).toLowerCase() === wanted) ??
      known.find(({ ids }) => ids.length > 1 && ids.at(-1)!.toLowerCase() === wanted);
    if (found) return found;
    const valid = [...new Set(known.map(nameOfPlace))];
    const more = valid.length - NAMED;
    throw cliErrors.unknown_partition({
      field: '--partition',
      value: name,
      valid: [...valid.slice(0, NAMED), ...(more > 0 ? [`and ${more} more`] : [])],
    });
  });
}

/** What a run of these places is about: of a channel its team too. */
export function scopeOfPlaces(places: readonly PositionPlace[] = []): AskedNames {
  const idsOf = (kind: string, at: number) =>
    places.flatMap((place) => (place.kind === kind ? (place.ids.at(at) ?? []) : []));
  const some = (ids: readonly string[]) => (ids.length > 0 ? [...new Set(ids)] : undefined);
  return {
    teams: some([...idsOf('team', 0), ...idsOf('channel', 0)]),
    channels: some(idsOf('channel', -1)),
    users: some(idsOf('user', 0)),
    chats: some(idsOf('chat', 0)),
  };
}
