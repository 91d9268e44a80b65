import { expandRoute } from '../graph/endpoint.ts';
import type { GraphClient } from '../graph/types.ts';
import { users } from '../resources/users.ts';
import { recordLost } from '../strategies/errors.ts';
import { itemsOf } from '../strategies/items.ts';
import { readAll } from '../strategies/pages.ts';
import { isDamaged, records } from '../strategies/records.ts';
import { skippedPartition } from '../sync/outcomes.ts';
import type { SkippedPartition } from '../sync/report.ts';

/** A user that a group holds. */
export interface GroupMember {
  readonly id: string;
  /** Sign-in name; the id where nobody says it. */
  readonly name: string;
}

/** The users of some groups, each once, and the groups that could not be read, whole or in part. */
export interface GroupMembers {
  readonly members: readonly GroupMember[];
  readonly skipped: readonly SkippedPartition[];
}

/**
 * Everybody who is in one of these groups, or in a group inside of it. A group that cannot be read stops no other one, and a
 * member that cannot be read no other member.
 *
 * @throws what refused all of them
 */
export async function membersOfGroups(
  graph: Pick<GraphClient, 'page'>,
  groups: readonly string[],
  signal: AbortSignal,
): Promise<GroupMembers> {
  const members = new Map<string, GroupMember>();
  const skipped: SkippedPartition[] = [];
  const refusals: unknown[] = [];
  const skip = (group: string, error: unknown) =>
    skipped.push(skippedPartition(error, users.name, `group ${group}`, signal));
  for (const group of groups) {
    try {
      const { found, isWhole } = await membersOf(graph, group, signal);
      for (const member of found) members.set(member.id, member);
      if (!isWhole) skip(group, recordLost(inGroup.route));
    } catch (error) {
      skip(group, error);
      refusals.push(error);
    }
  }
  if (groups.length > 0 && refusals.length === groups.length) throw refusals[0];
  return { members: [...members.values()], skipped };
}

const inGroup = users.inGroup!;

async function membersOf(
  graph: Pick<GraphClient, 'page'>,
  group: string,
  signal: AbortSignal,
): Promise<{ readonly found: readonly GroupMember[]; readonly isWhole: boolean }> {
  const ids = { 'group-id': group };
  const request = { url: expandRoute(inGroup, ids), route: inGroup.route, ids, headers: inGroup.headers };
  const pages = await readAll(graph, request, signal);
  const listed = pages.flatMap((page) => records<unknown>(page));
  const found = itemsOf(listed).map(({ id, userPrincipalName: name }) => ({
    id,
    name: typeof name === 'string' ? name : id,
  }));
  return { found, isWhole: !pages.some(isDamaged) && found.length === listed.length };
}
