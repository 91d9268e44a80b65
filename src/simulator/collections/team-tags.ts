import { z } from 'zod';
import { refusals } from '../protocol/graph-refusal.ts';
import { between, guid, type Random, sample } from '../tenant/generator/chance.ts';
import { id, text } from '../tenant/line-schema.ts';
import type { Tenant, TwinMember, TwinTag, TwinTeam } from '../tenant/types.ts';
import type { TwinCollection } from './collection.ts';
import { listRoute } from './list-route.ts';
import { teamPlace } from './place.ts';
import { type Placed, smallRecords } from './small-records.ts';

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

function newTags(random: Random, team: TwinTeam, tenant: Tenant): readonly TwinTag[] {
  const members = tenant.teamMembers(team.id).map(({ userId }) => userId);
  return sample(random, NAMES, between(random, 0, 3)).map((displayName) => {
    const userIds = sample(random, members, between(random, 1, 6));
    return newTag(random, team, { displayName, userIds });
  });
}

function strangerIn({ userIds }: TwinTag, tenant: Tenant): readonly [string, string] | undefined {
  const stranger = userIds.findIndex((userId) => !tenant.user(userId));
  return stranger < 0 ? undefined : [`userIds.${stranger}`, 'must be the id of a user in users.jsonl'];
}

/** @see https://learn.microsoft.com/en-us/graph/api/teamworktag-list */
export const teamTags = smallRecords({
  name: 'team_tags',
  file: 'tags',
  below: teamPlace,
  segment: 'tags',
  gives: { id: 'teamworkTag-id', column: 'tag_id' },
  roles,
  filter: ['displayName'],
  top,
  shape: { id, displayName: text, description: text.nullable(), userIds: z.array(id).readonly() },
  lacking: strangerIn,
  notFound: refusals.tagNotFound,
  generate: newTags,
  record: (tag, team, { tenant }) => ({
    id: tag.id,
    teamId: team.id,
    displayName: tag.displayName,
    description: tag.description,
    memberCount: membersOf(tenant, { place: team, record: tag }).length,
    tagType: 'standard',
  }),
});

type PlacedTag = Placed<TwinTeam, TwinTag>;

const membersOf = (tenant: Tenant, { place: team, record: { userIds } }: PlacedTag): readonly TwinMember[] =>
  tenant.teamMembers(team.id).filter(({ userId }) => userIds.includes(userId));

const memberId = ({ place: team, record: tag }: PlacedTag, { userId }: TwinMember): string =>
  Buffer.from(`${team.id}##${tag.id.slice(-12)}##${userId}`).toString('base64');

/** Those of its people who are still in the team. */
export const teamTagMembers: TwinCollection = {
  name: 'team_tag_members',
  permissions: [],
  routes: [
    // https://learn.microsoft.com/en-us/graph/api/teamworktagmember-list
    listRoute({
      pattern: `${teamTags.place.pattern}/members`,
      roles,
      path: (call) => `${teamTags.place.path(teamTags.place.find(call))}/members`,
      records: (call) => {
        const tag = teamTags.place.find(call);
        return membersOf(call.tenant, tag).map((member) => ({
          id: memberId(tag, member),
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
    *team_tag_members(tenant) {
      for (const tag of teamTags.place.all(tenant)) {
        for (const member of membersOf(tenant, tag)) yield { ...teamTags.place.key(tag), id: memberId(tag, member) };
      }
    },
  },
};
