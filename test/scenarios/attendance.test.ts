import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { cli } from '../support/cli.ts';
import { ask, currentRows, ledgerRows } from '../support/lake.ts';
import { type Environment, startTwin, type TestTwin } from '../support/twin.ts';

// Whole runs: slow on a busy machine.
vi.setConfig({ testTimeout: 400_000, hookTimeout: 400_000 });

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const TABLES = ['events', 'online_meetings', 'attendance_reports', 'attendance_records', 'attendance_intervals'];

let twin: TestTwin;
let folder: string;
let lake: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-attendance-'));
  lake = join(folder, 'lake');
  twin = await startTwin({ teams: 1, channels: 1, messages: 1, users: 8, seed: 6, limits: 'none' });
});
afterEach(async () => {
  await twin.close();
  await rm(folder, { recursive: true, force: true });
});

const attendance = (args: readonly string[], env: Environment = {}) =>
  cli(['attendance', '--lake', lake, '--json', ...args], { ...twin.env, ...env });

/** Users with a mailbox, by id and sign-in name. */
async function people(): Promise<readonly { readonly id: string; readonly upn: string }[]> {
  const ids = new Set((await twin.ledger('events')).map((row) => String(row['user_id'])));
  const { out } = await cli(['ids', 'users', '--json'], twin.env);
  const all = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  return all.map((user) => ({ id: user['user-id'], upn: user.userPrincipalName })).filter(({ id }) => ids.has(id));
}

/** What the ledger has of some users: of a meeting, its id says who organises it. */
async function ledgerOf(table: string, ids: readonly string[]) {
  const ownerOf = (row: Readonly<Record<string, string | number | null>>) =>
    String(row['user_id'] ?? Buffer.from(String(row['meeting_id'] ?? row['id']), 'base64').toString());
  const rows = (await twin.ledger(table)).filter((row) => ids.some((id) => ownerOf(row).includes(id)));
  return ledgerRows(table, rows);
}

describe('sluice attendance', () => {
  it('reads the meetings of the accounts that it is given by name and by id, and of nobody else', async () => {
    const [ana, ben] = await people();
    const { code } = await attendance(['--account', ana!.upn, ben!.id]);
    expect(code).toBe(0);
    for (const table of TABLES)
      expect(await currentRows(lake, table), table).toEqual(await ledgerOf(table, [ana!.id, ben!.id]));
  });

  it('reads everybody where that is said', async () => {
    expect((await attendance(['--everybody'])).code).toBe(0);
    for (const table of TABLES)
      expect(await currentRows(lake, table), table).toEqual(ledgerRows(table, await twin.ledger(table)));
  });

  it('reads the members of groups, those of groups inside of them too, each once; a group that is not there is named', async () => {
    const [ana, ben, carl] = await people();
    const [inner, outer] = ['6c1b2a30-0000-4000-8000-00000000000a', '6c1b2a30-0000-4000-8000-00000000000b'];
    await twin.post('/events', [
      { type: 'createGroup', groupId: inner, displayName: 'Inner', members: [ben!.id, inner] },
      { type: 'createGroup', groupId: outer, displayName: 'Outer', members: [inner, ben!.id, carl!.id] },
    ]);
    const to = join(folder, 'documents');
    const args = ['--group', outer, '--account', ana!.upn, carl!.id, '--snapshots', to];
    expect((await attendance(args)).code).toBe(0);
    for (const table of TABLES)
      expect(await currentRows(lake, table), table).toEqual(await ledgerOf(table, [ana!.id, ben!.id, carl!.id]));
    // Members are called by their sign-in names.
    expect((await readdir(join(to, 'json', 'events-only'))).sort()).toEqual([ana!.upn, ben!.upn, carl!.id].sort());

    const nobody = '6c1b2a30-0000-4000-8000-00000000000c';
    const answer = await attendance(['--group', outer, nobody]);
    expect([answer.code, answer.err.includes(nobody)]).toEqual([3, true]);
    expect(await attendance(['--group', nobody])).toMatchObject({ code: 1 });
    expect(await attendance(['--group', 'Everyone'])).toMatchObject({ code: 2 });

    // A group of which a member cannot be read is named, and its other members are read.
    await twin.post('/faults', {
      ...{ kind: 'edit', edit: 'control-character', field: 'userPrincipalName', route: '/groups/**' },
      holds: { id: carl!.id },
    });
    const damaged = await attendance(['--group', outer]);
    expect([damaged.code, damaged.err.includes(outer)]).toEqual([3, true]);
    await twin.delete('/faults');
  });

  it('works with the original environment unchanged, and needs nothing else', async () => {
    const [ana, ben] = await people();
    const { TEAMS_TENANT_ID: tenant, TEAMS_CLIENT_ID: id, TEAMS_CLIENT_SECRET: secret, ...endpoints } = twin.env;
    const account = join(folder, 'account');
    const original = {
      ...{ tenant: tenant!, client_id: id!, client_screte: secret!, SGA_UPN: ana!.upn, SGA_UPN2: ben!.upn },
      REG_ACCOUNT_URL: account,
    };
    const { code } = await cli(['attendance', '--json'], { ...endpoints, ...original });
    expect(code).toBe(0);
    // Beside what the original wrote.
    const found = await currentRows(join(account, 'staging', 'msteams', 'lake'), 'attendance_records');
    expect(found).toEqual(await ledgerOf('attendance_records', [ana!.id, ben!.id]));
  });

  it('lists every fault of its configuration at once, and asks nobody anything before', async () => {
    const { code, out, err } = await cli(['attendance', '--json'], {
      SGA_UPN2: '',
      TEAMS_GRAPH_URL: twin.env['TEAMS_GRAPH_URL']!,
      TEAMS_LOGIN_URL: twin.env['TEAMS_LOGIN_URL']!,
    });
    expect(code).toBe(2);
    for (const name of ['TEAMS_TENANT_ID', 'TEAMS_CLIENT_ID', 'TEAMS_CLIENT_SECRET', 'SGA_UPN2', 'attendance.accounts'])
      expect(err).toContain(name);
    expect(JSON.parse(out)).toMatchObject({ outcome: 'failed', error: { code: 'config_invalid' } });
    const { total } = await twin.get<{ total: number }>('/requests');
    expect(total ?? 0).toBe(0);
  });

  it('goes on with the other accounts when one fails, names it with its policy, and leaves with 3', async () => {
    const [ana, ben] = await people();
    await twin.post('/events', [{ type: 'withholdAccessPolicy', userId: ana!.id }]);
    const nobody = 'nobody@northwind.example';
    const answer = await attendance(['--account', ana!.upn, nobody, ben!.upn]);
    expect(answer.code).toBe(3);
    expect(answer.err).toContain(nobody);
    expect(answer.err).toContain('Grant-CsApplicationAccessPolicy');
    expect(answer.err).toContain(ana!.id);
    expect(await currentRows(lake, 'attendance_records')).toEqual(await ledgerOf('attendance_records', [ben!.id]));

    await twin.post('/events', [{ type: 'grantAccessPolicy', userId: ana!.id }]);
    expect((await attendance(['--account', ana!.upn, ben!.upn])).code).toBe(0);
    expect(await currentRows(lake, 'attendance_records')).toEqual(
      await ledgerOf('attendance_records', [ana!.id, ben!.id]),
    );
  });

  it('names a role that is missing once for each account, however many meetings are due, and reads them when it is granted', async () => {
    const [ana, ben] = await people();
    const role = 'OnlineMeetingArtifact.Read.All';
    await twin.post('/permissions', { withhold: [role] });
    const refused = await attendance(['--account', ana!.upn, ben!.upn]);
    expect(refused.code).toBe(3);
    const report = JSON.parse(refused.out.trim().split('\n').at(-1)!);
    const named = report.skipped.filter(({ resource }: { resource: string }) => resource === 'attendance_reports');
    expect(named.map(({ partition, permission }: Record<string, string>) => [partition, permission]).sort()).toEqual(
      [ana!.id, ben!.id].map((id) => [id, role]).sort(),
    );
    await twin.post('/permissions', { grant: [role] });
    expect((await attendance(['--account', ana!.upn, ben!.upn])).code).toBe(0);
    for (const table of TABLES)
      expect(await currentRows(lake, table), table).toEqual(await ledgerOf(table, [ana!.id, ben!.id]));
  });

  it('read twice, the same window gives the same rows', async () => {
    const [ana] = await people();
    await attendance(['--account', ana!.upn]);
    const first = await Promise.all(TABLES.map((table) => currentRows(lake, table)));
    const second = await attendance(['--account', ana!.upn]);
    expect(second.code).toBe(0);
    expect(await Promise.all(TABLES.map((table) => currentRows(lake, table)))).toEqual(first);
  });

  it('two runs at once are safe: one reads, the other is told', async () => {
    const [ana] = await people();
    const answers = await Promise.all([1, 2].map(() => attendance(['--account', ana!.upn])));
    expect(answers.map(({ code }) => code).sort()).toEqual([0, 1]);
    expect(answers.find(({ code }) => code === 1)!.err).toContain('lake_');
    for (const table of TABLES) expect(await currentRows(lake, table)).toEqual(await ledgerOf(table, [ana!.id]));
  });
});

describe('sluice sync --filter', () => {
  it.each([
    ['events', 'isOrganizer eq true', () => '"isOrganizer"'],
    ['attendance_records', "user_id eq 'ANA'", (id: string) => `user_id = '${id}'`],
  ] as const)(
    'reads rows of %s that meet it and no others, and a run without it the rest',
    async (table, text, sqlOf) => {
      const [ana] = await people();
      const [filter, sql] = [text.replace('ANA', ana!.id), sqlOf(ana!.id)];
      const sync = (...args: string[]) => cli(['sync', '--lake', lake, '--json', '--tables', table, ...args], twin.env);
      const first = await sync('--filter', filter);
      expect([first.code, first.err]).toEqual([0, '']);
      const [[met, others]] = (await ask(
        lake,
        `SELECT count(*) FILTER (${sql}), count(*) FILTER (NOT coalesce(${sql}, false)) FROM ${table}`,
      )) as [[number, number]];
      expect([Number(met) > 0, Number(others)]).toEqual([true, 0]);
      expect((await sync()).code).toBe(0);
      expect(await currentRows(lake, table)).toEqual(ledgerRows(table, await twin.ledger(table)));
    },
  );

  it('says what of a participant it can compare: what every row of the same answers has', async () => {
    const filter = ['--filter', "role eq 'Organizer'"];
    const { code, err } = await cli(['sync', '--lake', lake, '--tables', 'attendance_records', ...filter], twin.env);
    expect([code, err.includes('meeting_id')]).toEqual([2, true]);
  });
});

describe('sluice check', () => {
  const check = (args: readonly string[], env: Environment = {}) => cli(['check', ...args], { ...twin.env, ...env });

  it('says of each account whether there is an application access policy, and both commands where there is none', async () => {
    const [ana, ben] = await people();
    await twin.post('/events', [{ type: 'withholdAccessPolicy', userId: ana!.id }]);
    const tables = ['--tables', 'attendance_reports'];
    const named = await check([...tables, '--user', ana!.upn, ben!.upn, '--json']);
    expect(named.code).toBe(3);
    expect(JSON.parse(named.out).accounts).toMatchObject([
      { user: ana!.id, policy: 'missing', code: 'access_policy_missing' },
      { user: ben!.id, policy: 'granted' },
    ]);
    const shown = await check(tables, { SLUICE_ATTENDANCE_ACCOUNTS: `${ben!.upn},${ana!.id}` });
    expect(shown.code).toBe(3);
    const text = shown.out.replaceAll(/\s+/g, ' ');
    expect(text).toContain('New-CsApplicationAccessPolicy');
    expect(text).toContain('Grant-CsApplicationAccessPolicy');
    expect(text).toContain(twin.env['TEAMS_CLIENT_ID']);

    await twin.post('/events', [{ type: 'grantAccessPolicy', userId: ana!.id }]);
    expect((await check([...tables, '--user', ana!.upn, ben!.upn])).code).toBe(0);
    const groups = '6c1b2a30-0000-4000-8000-00000000000c,6c1b2a30-0000-4000-8000-00000000000d';
    await twin.post('/events', {
      type: 'createGroup',
      groupId: groups.split(',')[1]!,
      displayName: 'Two',
      members: [],
    });
    const unread = await check(tables, { SLUICE_ATTENDANCE_GROUPS: groups });
    expect([unread.code, unread.out]).toEqual([3, expect.stringContaining(`group ${groups.split(',')[0]!}`)]);
  });
});

describe('the checkpoint of the original job', () => {
  const file = () => join(folder, 'registry', 'latest_meeting_start.txt');
  async function checkpoint(text: string): Promise<void> {
    await mkdir(join(folder, 'registry'), { recursive: true });
    await writeFile(file(), text);
  }
  const begins = async (): Promise<readonly number[]> =>
    (await ask(lake, 'SELECT epoch_ms("start") FROM events ORDER BY 1')).map(([ms]) => Number(ms));

  it('is read once: every account goes on from it, and history is not read again', async () => {
    const [ana, ben] = await people();
    const edge = Date.now() - 5 * DAY_MS;
    await checkpoint(new Date(edge).toISOString().replace(/\.\d+Z/, 'Z'));
    const first = await attendance(['--account', ana!.upn, ben!.upn, '--checkpoint', file()]);
    expect(first.code).toBe(0);
    expect(first.err).toContain('2 account(s) begin at');
    const found = await begins();
    // What overlaps the window, which begins five minutes before; the longest event lasts a day.
    expect(Math.min(...found)).toBeGreaterThan(edge - DAY_MS - 5 * 60_000);
    expect(found.length).toBeGreaterThan(0);

    await checkpoint('2020-01-01T00:00:00Z');
    const second = await attendance(['--account', ana!.upn, ben!.upn, '--checkpoint', file()]);
    expect([second.code, second.err]).toEqual([0, '']);
    expect(await begins()).toEqual(found);
    // An account that came later has its history.
    const everybody = await attendance(['--everybody']);
    expect(everybody.code).toBe(0);
    expect(Math.min(...(await begins()))).toBeLessThan(edge - DAY_MS);
  });

  it('that cannot be read stops the run before a row is read', async () => {
    const [ana] = await people();
    await checkpoint('yesterday');
    const { code, err } = await attendance(['--account', ana!.upn, '--checkpoint', file()]);
    expect(code).toBe(2);
    expect(err).toContain('checkpoint_unreadable');
    expect(err).not.toContain('yesterday');
    expect(await readdir(lake)).not.toContain('current');
  });

  it('that is not there is no fault: the run is a first one', async () => {
    const [ana] = await people();
    const { code } = await attendance(['--account', ana!.upn, '--checkpoint', file()]);
    expect(code).toBe(0);
    expect(Math.min(...(await begins()))).toBeLessThan(Date.now() - 7 * DAY_MS);
  });
});
