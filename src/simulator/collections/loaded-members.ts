import { invalidLine, type LinePosition } from '../tenant/lines.ts';
import type { TenantStore } from '../tenant/store.ts';
import type { TwinUser } from '../tenant/types.ts';

/** When a team or channel was made whose line does not say so. */
export const FOUNDED = '2020-01-01T00:00:00.000Z';

/** The users that a line names as members. */
export function knownUsers(tenant: TenantStore, ids: readonly string[], position: LinePosition): Set<TwinUser> {
  const users = ids.map((id, index) => {
    const user = tenant.user(id);
    if (!user) throw invalidLine(position, `members.${index}`, `"${id}" must be the id of a user in users.jsonl`);
    return user;
  });
  return new Set(users);
}

/** The first member owns the team. */
export function joinTeam(tenant: TenantStore, teamId: string, users: Iterable<TwinUser>): void {
  for (const [index, user] of [...users].entries()) tenant.addTeamMember(teamId, user, role(user, index));
}

export function joinChannel(tenant: TenantStore, channelId: string, users: Iterable<TwinUser>): void {
  for (const [index, user] of [...users].entries()) tenant.addChannelMember(channelId, user, role(user, index));
}

function role(user: TwinUser, index: number): 'owner' | 'guest' | undefined {
  if (index === 0) return 'owner';
  return user.userType === 'Guest' ? 'guest' : undefined;
}
