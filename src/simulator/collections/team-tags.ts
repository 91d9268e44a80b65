import { z } from 'zod';
import type { GraphCall } from '../graph/call.ts';
import { GraphRefusal, refusals } from '../protocol/graph-refusal.ts';
import { between, guid, type Random, sample } from '../tenant/generator/chance.ts';
import { id, text } from '../tenant/line-schema.ts';
import { invalidLine, type LinePosition, readRecords } from '../tenant/lines.ts';
import type { Loading } from '../tenant/loading.ts';
import type { TenantStore } from '../tenant/store.ts';
import type { Tenant, TwinMember, TwinTag, TwinTeam } from '../tenant/types.ts';
import type { TwinCollection } from './collection.ts';
import { teamOf } from './find-channel.ts';
import { listRoute } from './list-route.ts';

const NAMES = ['On call', 'Designers', 'First aid', 'Night shift', 'Reviewers'];
const roles = ['TeamworkTag.Read.All', 'TeamworkTag.ReadWrite.All'];
const top = { default: 20, maximum: 50 };

/** Ids of tags are opaque to clients; Graph's decode to tenant, team and tag. */
export function newTag(
  random: Random,
  team: Pick<TwinTeam, 'id'>,
  tag: Pick<TwinTag, 'displayName' | 'userIds'>,
): TwinTag {
  const tagId = Buffer.from(`${team.id}##${guid(random)}##${guid(random).slice(0, 9)}`).toString('base64');
  return { ...tag, id: tagId, description: `Who is reached as ${tag.displayName}.` };
}

function generate(tenant: TenantStore, random: Random): void {
  for (const team of tenant.teams()) {
    const members = tenant.teamMembers(team.id).map(({ userId }) => userId);
    for (const displayName of sample(random, NAMES, between(random, 0, 3))) {
      const userIds = sample(random, members, between(random, 1, 6));
      tenant.tags.put('team', team.id, newTag(random, team, { displayName, userIds }));
    }
  }
}

const membersOf = (tenant: Tenant, team: TwinTeam, { userIds }: TwinTag): readonly TwinMember[] =>
  tenant.teamMembers(team.id).filter(({ userId }) => userIds.includes(userId));

const memberId = (team: TwinTeam, tag: TwinTag, { userId }: TwinMember): string =>
  Buffer.from(`${team.id}##${tag.id.slice(-12)}##${userId}`).toString('base64');

function tagOf(call: GraphCall, team: TwinTeam): TwinTag {
  const tag = call.tenant.tags.of('team', team.id).find((one) => one.id === call.ids['teamworkTag-id']);
  if (!tag) throw new GraphRefusal(refusals.tagNotFound());
  return tag;
}

const TagLine = z.object({
  teamId: id,
  id,
  displayName: text,
  description: text.nullable(),
  userIds: z.array(id),
});

async function load({ tenant, dir }: Loading): Promise<void> {
  const use = ({ teamId, ...tag }: z.infer<typeof TagLine>, position: LinePosition) => {
    if (!tenant.team(teamId))
      throw invalidLine(position, 'teamId', `"${teamId}" must be the id of a team in teams.jsonl`);
    const stranger = tag.userIds.findIndex((userId) => !tenant.user(userId));
    if (stranger >= 0) throw invalidLine(position, `userIds.${stranger}`, 'must be the id of a user in users.jsonl');
    tenant.tags.put('team', teamId, tag);
  };
  await readRecords(dir, 'tags', TagLine, use, { isOptional: true });
}

function* records(tenant: Tenant): Iterable<unknown> {
  for (const team of tenant.teams())
    for (const tag of tenant.tags.of('team', team.id)) yield { teamId: team.id, ...tag };
}

export const teamTags: TwinCollection = {
  name: 'team_tags',
  permissions: ['TeamworkTag.Read.All'],
  routes: [
    // https://learn.microsoft.com/en-us/graph/api/teamworktag-list
    listRoute({
      pattern: '/teams/{team-id}/tags',
      roles,
      path: (call) => `/teams('${teamOf(call).id}')/tags`,
      records: (call) => {
        const team = teamOf(call);
        return call.tenant.tags.of('team', team.id).map((tag) => ({
          id: tag.id,
          teamId: team.id,
          displayName: tag.displayName,
          description: tag.description,
          memberCount: membersOf(call.tenant, team, tag).length,
          tagType: 'standard',
        }));
      },
      filter: ['displayName'],
      top,
      count: 'always',
    }),
    // https://learn.microsoft.com/en-us/graph/api/teamworktagmember-list
    listRoute({
      pattern: '/teams/{team-id}/tags/{teamworkTag-id}/members',
      roles,
      path: (call) => {
        const team = teamOf(call);
        return `/teams('${team.id}')/tags('${encodeURIComponent(tagOf(call, team).id)}')/members`;
      },
      records: (call) => {
        const team = teamOf(call);
        const tag = tagOf(call, team);
        return membersOf(call.tenant, team, tag).map((member) => ({
          id: memberId(team, tag, member),
          userId: member.userId,
          displayName: member.displayName,
          tenantId: call.tenant.id,
        }));
      },
      filter: ['userId', 'displayName'],
      top,
      count: 'always',
    }),
  ],
  ledger: {
    *team_tags(tenant) {
      for (const team of tenant.teams())
        for (const tag of tenant.tags.of('team', team.id)) yield { team_id: team.id, id: tag.id };
    },
    *team_tag_members(tenant) {
      for (const team of tenant.teams())
        for (const tag of tenant.tags.of('team', team.id))
          for (const member of membersOf(tenant, team, tag))
            yield { team_id: team.id, tag_id: tag.id, id: memberId(team, tag, member) };
    },
  },
  files: [{ name: 'tags', records, load }],
  generate: (tenant, { streamOf }) => generate(tenant, streamOf('team_tags')),
};
