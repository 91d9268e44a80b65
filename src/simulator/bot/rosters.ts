import type { World } from '../graph/world.ts';
import { json, type TwinAnswer, type TwinRequest } from '../protocol/exchange.ts';
import type { TwinUser } from '../tenant/types.ts';
import { personId, type TwinConversation } from './conversations.ts';
import { notInRoster, refusal } from './refusals.ts';

/** Members of a page at most. */
const PAGE = 500;
/** The call without pages gives no more. https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit */
const UNPAGED = 10_000;

const memberOf = ({ bot, tenant }: World, user: TwinUser) => ({
  id: personId(bot.clientId, user),
  name: user.displayName,
  aadObjectId: user.id,
  objectId: user.id,
  userPrincipalName: user.userPrincipalName,
  tenantId: tenant.id,
  userRole: 'user',
});

/**
 * Who is in a conversation: a page, everybody, or one.
 *
 * @param path - below the conversation
 * @see https://learn.microsoft.com/microsoftteams/platform/bots/how-to/get-teams-context
 */
export function roster(
  world: World,
  { people }: TwinConversation,
  { request, path }: { readonly request: TwinRequest; readonly path: readonly string[] },
): TwinAnswer {
  const members = (some: readonly TwinUser[]) => some.map((user) => memberOf(world, user));
  const [what, id] = path;
  if (what === 'members' && id !== undefined) {
    const found = members(people).find((one) => one.id === id || one.aadObjectId === id);
    return found ? json(200, found) : refusal(404, 'MemberNotFoundInConversation', 'The member was not found.');
  }
  if (what?.toLowerCase() !== 'pagedmembers') return json(200, members(people.slice(0, UNPAGED)));
  const { searchParams } = request.url;
  const given = Number(searchParams.get('pageSize') ?? PAGE);
  const pageSize = Math.min(PAGE, Math.max(1, Number.isInteger(given) ? given : PAGE));
  const from = Number(searchParams.get('continuationToken') ?? 0);
  const more = from + pageSize < people.length;
  return json(200, {
    members: members(people.slice(from, from + pageSize)),
    continuationToken: more ? String(from + pageSize) : undefined,
  });
}

/**
 * A team that the bot is in, and its channels.
 *
 * @param path - below `/v3/teams`
 */
export function teamFacts(
  { tenant }: World,
  conversations: readonly TwinConversation[],
  [teamId, what]: readonly string[],
): TwinAnswer {
  const own = conversations.filter((one) => one.type === 'channel' && (one.teamId === teamId || one.id === teamId));
  const [channel] = own;
  const team = tenant.teams().find(({ id }) => id === channel?.teamId);
  if (!channel || !team) return refusal(404, 'NotFound', 'The team was not found.');
  if (own.every(({ installed }) => !installed)) return notInRoster();
  if (what === 'conversations') {
    return json(200, {
      conversations: tenant.channels(team.id).map(({ id, displayName }) => ({ id, name: displayName })),
    });
  }
  const memberCount = tenant.teamMembers(team.id).length;
  return json(200, { id: channel.id, name: team.displayName, aadGroupId: team.id, memberCount });
}

/** Undefined: every mention of a message is of somebody who is there, and stands in the text. */
export function unfitMention(world: World, { people }: TwinConversation, body: Readonly<Record<string, unknown>>) {
  const entities = Array.isArray(body['entities'])
    ? (body['entities'] as readonly Readonly<Record<string, unknown>>[])
    : [];
  const known = new Set(people.flatMap((user) => [user.id, personId(world.bot.clientId, user)]));
  for (const { type, text, mentioned } of entities) {
    if (type !== 'mention') continue;
    const { id } = Object(mentioned) as { readonly id?: unknown };
    if (typeof text !== 'string' || !String(body['text'] ?? '').includes(text)) return 'entities';
    if (typeof id !== 'string' || !known.has(id)) return 'The mentioned person';
  }
  return undefined;
}
