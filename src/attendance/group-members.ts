import { expandRoute } from '../graph/endpoint.ts';
import type { GraphClient } from '../graph/types.ts';
import { users } from '../resources/users.ts';
import { canonicalId } from '../schema/guid.ts';
import { readAll } from '../strategies/pages.ts';
import { records } from '../strategies/records.ts';
import { skippedPartition } from '../sync/outcomes.ts';
import type { SkippedPartition } from '../sync/report.ts';

/** A user that a group holds. */
export interface GroupMember {
  readonly id: string;
  /** Sign-in name; the id where nobody says it. */
  readonly name: string;
}

/** The users of some groups, each once, and the groups that could not be read. */
export interface GroupMembers {
  readonly members: readonly GroupMember[];
  readonly skipped: readonly SkippedPartition[];
}

/**
 * Everybody who is in one of these groups, or in a group inside of it. A group that cannot be read stops no other one.
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
  let refusal: unknown;
  for (const group of groups) {
    try {
      for (const member of await membersOf(graph, group, signal)) members.set(member.id, member);
    } catch (error) {
      skipped.push(skippedPartition(error, users.name, `group ${group}`, signal));
      refusal ??= error;
    }
  }
  if (groups.length > 0 && skipped.length === groups.length) throw refusal;
  return { members: [...members.values()], skipped };
}

async function membersOf(
  graph: Pick<GraphClient, 'page'>,
  group: string,
  signal: AbortSignal,
): Promise<readonly GroupMember[]> {
  const inGroup = users.inGroup!;
  const ids = { 'group-id': group };
  const request = { url: expandRoute(inGroup, ids), route: inGroup.route, ids, headers: inGroup.headers };
  const pages = await readAll(graph as GraphClient, request, signal);
  return pages
    .flatMap((page) => records<{ readonly id?: unknown; readonly userPrincipalName?: unknown }>(page))
    .flatMap(({ id, userPrincipalName: name }) =>
      typeof id === 'string' ? [{ id: canonicalId(id), name: typeof name === 'string' ? name : canonicalId(id) }] : [],
    );
}
