import type { GraphCall } from '../graph/call.ts';
import type { LedgerRow } from '../tenant/ledger-row.ts';
import type { Tenant, TwinChannel, TwinTeam } from '../tenant/types.ts';
import { channelOf, channelPath, everyChannel, teamOf } from './find-channel.ts';

/** Records that others stand below: teams, channels. */
export interface Place<P> {
  /** Of one of them, as routes have it. */
  readonly pattern: string;
  /** Key columns that what is below it has of it. */
  readonly columns: readonly string[];
  all(tenant: Tenant): Iterable<P>;
  /** The one of the path, or the refusal that Graph gives. */
  find(call: GraphCall): P;
  /** In the form of Graph's links. */
  path(place: P): string;
  key(place: P): LedgerRow;
}

/** A key in one text, for maps. */
export const idOf = (key: LedgerRow): string => JSON.stringify(Object.values(key));

export const teamPlace: Place<TwinTeam> = {
  pattern: '/teams/{team-id}',
  columns: ['team_id'],
  all: (tenant) => tenant.teams(),
  find: teamOf,
  path: ({ id }) => `/teams('${id}')`,
  key: ({ id }) => ({ team_id: id }),
};

export const channelPlace: Place<TwinChannel> = {
  pattern: '/teams/{team-id}/channels/{channel-id}',
  columns: ['team_id', 'channel_id'],
  all: everyChannel,
  find: channelOf,
  path: channelPath,
  key: ({ teamId, id }) => ({ team_id: teamId, channel_id: id }),
};
