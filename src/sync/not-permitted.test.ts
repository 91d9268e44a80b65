import { describe, expect, it } from 'vitest';
import { graphError } from '../errors/graph-error.ts';
import type { GraphClient } from '../graph/types.ts';
import type { PartitionKey, Position } from '../lake/types.ts';
import { resourceNamed } from '../resources/index.ts';
import { tables } from '../tables/index.generated.ts';
import { Grantable } from './not-permitted.ts';
import { skippedPartition } from './outcomes.ts';
import { planReads } from './plan.ts';

const { signal } = new AbortController();
const route = '/teams/{team-id}/members';
const named =
  "Missing role permissions on the request. API requires one of 'TeamMember.Read.All'. Roles on the request 'X'.";

const answer = (status: number, code: string, message: string) =>
  graphError(
    { status, headers: {}, body: Buffer.from(JSON.stringify({ error: { code, message } })) },
    { method: 'GET', route },
  );

interface Held {
  readonly shown?: readonly string[];
  readonly positions?: readonly PartitionKey[];
  readonly written?: readonly string[];
}

function grantable({ shown = ['Team.ReadBasic.All'], positions = [], written = [] }: Held = {}) {
  const permissions = new Set(shown);
  const { reads } = planReads({ tables, permissions });
  return new Grantable({
    graph: {} as GraphClient,
    reads,
    shown: permissions,
    lake: {
      positions: () => new Map(positions.map((key) => [key, {} as Position])),
      written: () => new Set(written),
    },
    isPart: false,
  });
}

const keep = (one: Grantable, error: unknown, resource = 'team_members') =>
  one.keep(error, skippedPartition(error, resource, 'team', signal));

describe('a refusal', () => {
  it.each([
    ['names the permissions that would do', answer(403, 'Forbidden', named), {}, true],
    ['is that of the directory', answer(403, 'Authorization_RequestDenied', 'Insufficient privileges.'), {}, true],
    [
      'names them, though the token shows one',
      answer(403, 'Forbidden', named),
      { shown: ['TeamMember.Read.All'] },
      true,
    ],
    ['says nothing, and the token shows none', answer(403, 'UnknownError', ''), {}, true],
    [
      'says nothing, and the token shows one',
      answer(403, 'UnknownError', ''),
      { shown: ['TeamMember.Read.All'] },
      false,
    ],
    ['says nothing, and the token cannot be read', answer(403, 'UnknownError', ''), { shown: [] }, false],
    ['is of a licence', answer(403, 'Forbidden', 'Failed to get license information for the user.'), {}, false],
    ['is of a protected API', answer(403, 'Forbidden', 'Invoked API requires Protected API access'), {}, false],
    ['is of a conversation of others', answer(403, 'Forbidden', 'AclCheckFailed-x'), {}, false],
    ['is a team that is gone', answer(404, 'NotFound', 'No team found with Group Id x'), {}, false],
    ['is of a table that the lake has', answer(403, 'Forbidden', named), { written: ['members'] }, false],
    ['is of a table that was read', answer(403, 'Forbidden', named), { positions: ['team_members/team:x'] }, false],
  ] as const)('that %s', (_, error, held, expected) => {
    expect(keep(grantable(held as Held), error)).toBe(expected);
  });

  it('costs every table that is read from there, and names what to grant', () => {
    const one = grantable();
    keep(one, answer(403, 'Forbidden', named));
    expect(one.settle()).toMatchObject({
      notPermitted: [
        { table: 'member_roles', missing: ['TeamMember.Read.All'] },
        { table: 'members', missing: ['TeamMember.Read.All'] },
      ],
      skipped: [],
      nothing: undefined,
    });
  });

  it('of a list costs what is below it, and names the permission of the list first', () => {
    const one = grantable({ shown: ['User.Read.All'] });
    const error = graphError(
      {
        status: 403,
        headers: {},
        body: Buffer.from(
          JSON.stringify({
            error: { code: 'Forbidden', message: named.replace('TeamMember.Read.All', 'Team.ReadBasic.All') },
          }),
        ),
      },
      { method: 'GET', route: '/teams' },
    );
    keep(one, error);
    expect(one.settle().notPermitted[0]?.missing).toEqual(['Team.ReadBasic.All', 'TeamMember.Read.All']);
  });

  it('is why nothing is read, when all are refused', () => {
    const one = grantable({ shown: [] });
    const error = answer(403, 'Forbidden', named);
    for (const name of new Set(tables.map(({ resource }) => resource))) keep(one, error, resourceNamed(name).name);
    expect(one.settle().nothing).toBe(error);
  });
});
