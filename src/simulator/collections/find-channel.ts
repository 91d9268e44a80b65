import type { GraphCall } from '../graph/call.ts';
import { GraphRefusal, refusals } from '../protocol/graph-refusal.ts';
import type { Tenant, TwinChannel, TwinMessage, TwinTeam } from '../tenant/types.ts';

const channelId = /^19:.+@thread\.(tacv2|skype|v2)$/;

/** The team of the path, or the 404 that Graph gives. */
export function teamOf(call: GraphCall): TwinTeam {
  const id = call.ids['team-id']!;
  const team = call.tenant.team(id);
  if (!team) throw new GraphRefusal(refusals.teamNotFound(id));
  return team;
}

/** The channel of the path, which must be hosted by the team of the path. */
export function channelOf(call: GraphCall): TwinChannel {
  const team = teamOf(call);
  const id = call.ids['channel-id']!;
  const channel = call.tenant.channel(id);
  if (channel?.teamId === team.id) return channel;
  throw new GraphRefusal(channel || channelId.test(id) ? refusals.channelNotFound() : refusals.channelMalformed(id));
}

/** Path of a channel in the form Graph's links have. */
export const channelPath = (channel: TwinChannel): string =>
  `/teams('${channel.teamId}')/channels('${encodeURIComponent(channel.id)}')`;

export function* everyChannel(tenant: Tenant): Iterable<TwinChannel> {
  for (const { id } of tenant.teams()) yield* tenant.channels(id);
}

/** The root message of the path. */
export function rootOf(call: GraphCall): TwinMessage {
  const root = call.tenant.root(channelOf(call).id, call.ids['chatMessage-id']!);
  if (!root) throw new GraphRefusal(refusals.messageNotFound());
  return root;
}
