import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { AttendanceInput } from './attendance-job.ts';
import { attendanceJob } from './attendance-job.ts';
import { connectionOf, connectionSections } from './connection.ts';
import { loadSections } from './load-section.ts';
import { originalVariables } from './original-environment.ts';

const NOW = Date.parse('2026-01-06T02:05:00Z');
const ID = '6c1b2a30-0000-4000-8000-000000000001';

/** As the container job is deployed. */
const original = {
  tenant: 'contoso.example',
  client_id: ID,
  client_screte: 'canary-secret',
  SGA_UPN: 'ana@contoso.example',
  SGA_UPN2: 'board_room@contoso.example',
  SGA_UPN3: 'jörg@contoso.example',
  REG_ACCOUNT_URL: './account/',
};

const jobOf = (environment: Record<string, string>, more: Partial<AttendanceInput> = {}) =>
  attendanceJob({ environment, options: [], ...more }, NOW);

function faultsOf(environment: Record<string, string>, more: Partial<AttendanceInput> = {}): readonly string[] {
  try {
    jobOf(environment, more);
  } catch (error) {
    return (error as { details: { faults: readonly string[] } }).details.faults;
  }
  return [];
}

describe('the original environment', () => {
  it('works unchanged: who connects, whose meetings, where the checkpoint and the lake are', () => {
    const { attendance, lake, elsewhere } = jobOf(original);
    expect(attendance.accounts?.map(({ user, name }) => [user, name])).toEqual(
      [original.SGA_UPN, original.SGA_UPN2, original.SGA_UPN3].map((user) => [user, user]),
    );
    expect(attendance.checkpoint).toBe(resolve('account/staging/msteams/registry/latest_meeting_start.txt'));
    expect(lake.url).toBe(resolve('account/staging/msteams/lake'));
    const connection = connectionOf(loadSections(connectionSections, { environment: original, elsewhere }));
    expect([connection.tenantId, connection.clientId, connection.credential.kind]).toEqual([
      original.tenant,
      ID,
      'secret',
    ]);
  });

  it('says another container and another blob', () => {
    const { attendance } = jobOf({ ...original, REG_CONTAINER: 'raw', REG_BLOB_NAME: 'a/b.txt' });
    expect(attendance.checkpoint).toBe(resolve('account/raw/a/b.txt'));
  });

  it('takes the secret under its right name first', () => {
    const { elsewhere } = jobOf({ ...original, client_secret: 'right' });
    expect(elsewhere.filter(({ path }) => path[1] === 'client_secret')).toEqual([
      { source: 'client_secret', path: ['auth', 'client_secret'], value: 'right' },
    ]);
  });

  it('has all of its faults listed at once, and no value', () => {
    const faults = faultsOf({ SGA_UPN: '', SGA_UPN2: 'not a user', REG_BLOB_NAME: 'x.txt', client_id: ID });
    expect(faults.join('\n')).not.toContain('not a user');
    for (const name of ['SGA_UPN ', 'REG_BLOB_NAME', 'SGA_UPN2', 'TEAMS_TENANT_ID', 'TEAMS_CLIENT_SECRET'])
      expect(faults.filter((fault) => fault.includes(name))).toHaveLength(1);
  });

  it('is listed whole where nothing is set', () => {
    expect(faultsOf({})).toHaveLength(4);
  });

  it('has no variable that another command reads', async () => {
    const { variables } = await import('./variables.ts');
    expect(Object.keys(originalVariables).filter((name) => name in variables)).toEqual([]);
  });
});

describe('accounts', () => {
  const connected = { TEAMS_TENANT_ID: ID, TEAMS_CLIENT_ID: ID, TEAMS_CLIENT_SECRET: 's' };
  const with_ = (accounts: unknown) => ({
    options: [{ source: '--account', path: ['attendance', 'accounts'], value: accounts }],
  });

  it('are a list of any length, each a sign-in name or an object id, with a name of its own', () => {
    const many = Array.from({ length: 40 }, (_, at) => `user${at}@contoso.example`);
    const given = [...many, ID, { user: 'room@contoso.example', name: 'Böse_Straße 7' }];
    const { attendance } = jobOf(connected, with_(given));
    expect(attendance.accounts).toHaveLength(42);
    expect(attendance.accounts?.at(-1)).toEqual({ user: 'room@contoso.example', name: 'Böse_Straße 7' });
  });

  it('beat those of the environment', () => {
    const { attendance } = jobOf({ ...original, SGA_UPN2: '' }, with_(['bob@contoso.example']));
    expect(attendance.accounts?.map(({ user }) => user)).toEqual(['bob@contoso.example']);
  });

  it.each([
    ['one user twice', [ID, ID.toUpperCase()]],
    [
      'one name twice',
      [
        { user: ID, name: 'A' },
        { user: 'b@contoso.example', name: 'a' },
      ],
    ],
    ['a name that leaves its folder', [{ user: ID, name: '..' }]],
    ['a name that is a path', [{ user: ID, name: 'a/b' }]],
    ['what is no user', ['ana']],
    ['nobody', []],
  ])('%s is refused', (_, accounts) => {
    expect(faultsOf(connected, with_(accounts))).toHaveLength(1);
  });
});
