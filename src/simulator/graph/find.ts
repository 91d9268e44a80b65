import { GraphRefusal, refusals } from '../protocol/graph-refusal.ts';
import type { TwinChannel, TwinMessage, TwinTeam } from '../tenant/types.ts';
import type { GraphCall } from './call.ts';

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

/** The root message of the path. */
export function rootOf(call: GraphCall): TwinMessage {
  const root = call.tenant.root(channelOf(call).id, call.ids['chatMessage-id']!);
  if (!root) throw new GraphRefusal(refusals.messageNotFound());
  return root;
}
