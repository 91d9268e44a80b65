import { execFile, spawnSync } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Answer, cli, jsonOf } from '../support/cli.ts';
import { currentRows, ledgerRows, withFolder } from '../support/lake.ts';
import { temporaryFolder } from '../support/lake-pages.ts';
import { servedTwin } from '../support/served-twin.ts';
import { type Finished, main, reportOf, runSluice, startSluice } from '../support/sluice.ts';
import { ofTeamTables } from '../support/team-tables.ts';
import { type Environment, startTwin, type TestTwin } from '../support/twin.ts';

// Whole syncs: slow on a busy machine.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

let twin: TestTwin;
beforeAll(async () => {
  twin = await startTwin({ teams: 1, channels: 2, messages: 10, users: 6, seed: 2, limits: 'none' });
});
afterAll(() => twin.close());

interface Refusal {
  readonly name: string;
  readonly args: readonly string[];
  readonly env?: (good: Environment) => Environment;
  readonly exit: number;
  /** What the message must name. */
  readonly says: readonly (string | RegExp)[];
}

const sync = (lake = './nowhere') => ['sync', '--lake', lake, '--limits', 'none', '--tables', 'teams'];

const refusals: readonly Refusal[] = [
  {
    name: 'a wrong secret',
    args: ['check'],
    env: (good) => ({ ...good, TEAMS_CLIENT_SECRET: 'hunter2' }),
    exit: 1,
    says: ['secret_wrong', /secret/i],
  },
  {
    name: 'an unknown app',
    args: ['check'],
    env: (good) => ({ ...good, TEAMS_CLIENT_ID: '00000000-0000-4000-8000-000000000001' }),
    exit: 1,
    says: ['client_unknown', 'TEAMS_CLIENT_ID'],
  },
  {
    name: 'an unknown tenant',
    args: ['check'],
    env: (good) => ({ ...good, TEAMS_TENANT_ID: '00000000-0000-4000-8000-000000000002' }),
    exit: 1,
    says: ['tenant_unknown', /tenant/i],
  },
  {
    name: 'no connection',
    args: sync(),
    env: () => ({}),
    exit: 2,
    says: ['config_invalid', 'TEAMS_TENANT_ID', 'TEAMS_CLIENT_ID', 'sluice simulate'],
  },
  {
    name: 'no secret',
    args: sync(),
    env: ({ TEAMS_CLIENT_SECRET: _, ...rest }) => rest,
    exit: 2,
    says: ['config_invalid', 'TEAMS_CLIENT_SECRET', 'TEAMS_CLIENT_CERTIFICATE'],
  },
  {
    name: 'a Graph URL that is none',
    args: sync(),
    env: (good) => ({ ...good, TEAMS_GRAPH_URL: 'graph' }),
    exit: 2,
    says: ['config_invalid', 'TEAMS_GRAPH_URL'],
  },
  { name: 'an unknown table', args: ['sync', '--tables', 'messagse'], exit: 2, says: ['unknown_table', 'messages'] },
  { name: 'no table', args: ['sync', '--tables', ','], exit: 2, says: ['no_table', '--tables'] },
  { name: 'an unknown option', args: ['sync', '--fast'], exit: 2, says: ["unknown option '--fast'", '--help'] },
  { name: 'an unknown command', args: ['snyc'], exit: 2, says: ["unknown command 'snyc'", 'sync'] },
  { name: 'an unknown strategy', args: ['sync', '--strategy', 'guess'], exit: 2, says: ['export', 'recent', 'delta'] },
  { name: 'a bad date', args: ['sync', '--since', '31.01.2026'], exit: 2, says: ['--since', 'ISO 8601'] },
  {
    name: 'a day that does not exist',
    args: [...sync(), '--since', '2026-02-30'],
    exit: 2,
    says: ['--since', 'ISO 8601'],
  },
  { name: 'a bad number', args: ['sync', '--commit-seconds', '0'], exit: 2, says: ['1 to 600'] },
  {
    name: 'a strategy that the table does not have',
    args: [
      'sync',
      '--lake',
      '/dev/null/x',
      '--tables',
      'users',
      '--strategy',
      'delta',
      '--dry-run',
      '--limits',
      'none',
    ],
    exit: 2,
    says: ['strategy_not_offered', 'snapshot'],
  },
  {
    name: 'a service that is down',
    args: ['check'],
    env: (good) => ({ ...good, TEAMS_LOGIN_URL: 'http://127.0.0.1:9', TEAMS_MAX_RETRIES: '0' }),
    exit: 1,
    says: ['network_error', 'ECONNREFUSED'],
  },
  {
    name: 'a simulated tenant of no size',
    args: ['simulate', '--teams', 'many'],
    exit: 2,
    says: ['twin_input_invalid', 'teams'],
  },
  {
    name: 'a simulated tenant that is not there',
    args: ['simulate', '--tenant', './no-tenant-here'],
    exit: 2,
    says: ['tenant_file_missing', 'no-tenant-here'],
  },
  {
    name: 'a query on a lake that does not exist',
    args: ['query', 'SELECT 1', '--lake', './no-lake-here'],
    exit: 1,
    says: ['lake_missing', 'no-lake-here', 'sluice sync'],
  },
];

const isShown = (text: string, said: string | RegExp) =>
  typeof said === 'string' ? text.includes(said) : said.test(text);

function expectRefusal({ code, out, err }: Answer | Finished, exit: number, says: readonly (string | RegExp)[]): void {
  const text = out + err;
  expect(code, text).toBe(exit);
  for (const said of says) expect(isShown(text, said), `${said} in:\n${text}`).toBe(true);
  expect(text).not.toMatch(/\n\s+at .+:\d+:\d+/);
  expect(text).not.toContain('hunter2');
}

describe('what a user gets wrong', () => {
  it.each(refusals)('$name: exit $exit', async ({ args, env, exit, says }) => {
    expectRefusal(await cli(args, env ? env(twin.env) : twin.env), exit, says);
  });

  it('is said word for word alike by a process of its own', async () => {
    for (const exit of [1, 2]) {
      const { args, env, says } = refusals.find((one) => one.exit === exit)!;
      const given = env ? env(twin.env) : twin.env;
      const finished = await runSluice(args, given, { cwd: temporaryFolder() });
      expectRefusal(finished, exit, says);
      // The ids of requests are others.
      const plain = ({ out, err }: Answer | Finished) => (out + err).replaceAll(/[\da-f]{8}-[\da-f-]{27}/g, '').trim();
      expect(plain(finished)).toBe(plain(await cli(args, given)));
    }
  });
});

it('a run that could not begin reports as well, with --json', async () => {
  const env = { ...twin.env, TEAMS_CLIENT_SECRET: 'hunter2' };
  const noSecret = await runSluice([...sync(), '--json'], env, { cwd: temporaryFolder() });
  expect(reportOf(noSecret)).toMatchObject({ event: 'run', outcome: 'failed', error: { code: 'client_secret_wrong' } });
  const noLake = await runSluice([...sync('/dev/null/x'), '--json'], twin.env);
  expect(reportOf(noLake)).toMatchObject({ event: 'run', outcome: 'failed', error: { code: 'lake_unwritable' } });
  expect([noSecret.code, noLake.code]).toEqual([1, 1]);
});

/** A lake with the messages of the tenant in it. */
const withSynced = (use: (lake: string) => Promise<void>) =>
  withFolder(async (folder) => {
    const lake = join(folder, 'lake');
    const args = ['sync', '--lake', lake, '--limits', 'none', '--json', '--tables', 'teams,channels,messages'];
    expect(jsonOf(await cli(args, twin.env)).outcome).toBe('ok');
    await use(lake);
  });

const expectNothingLost = async (lake: string) =>
  expect(await currentRows(lake, 'messages')).toEqual(ledgerRows('messages', await twin.ledger('messages')));

describe('a query', () => {
  it('that is wrong names the mistake, and one that writes is refused', async () => {
    await withSynced(async (lake) => {
      const ask = (sql: string) => cli(['query', sql, '--lake', lake]);
      expectRefusal(await ask('SELECT nope FROM messages'), 1, ['query_failed', 'nope', 'sluice tables']);
      expectRefusal(await ask('SELECT 1 FRM messages'), 1, ['query_failed', /syntax error/i, /\^\n`sluice tables`/]);
      expectRefusal(await ask('SELEC 1'), 1, ['query_not_read_only', 'SELEC is not a query', 'SELECT']);
      expectRefusal(await ask('DROP VIEW messages'), 1, ['query_not_read_only', 'SELECT']);
      await expectNothingLost(lake);
    });
  });
});

describe('a lake that cannot be used', () => {
  it('is no folder', async () => {
    await withFolder(async (folder) => {
      const file = join(folder, 'file');
      await writeFile(file, 'here first');
      for (const args of [sync(file), ['plan', '--lake', file], ['query', 'SELECT 1', '--lake', file]]) {
        expectRefusal(await cli(args, twin.env), 1, ['lake_not_a_folder', file, '--lake']);
      }
      expect(await readFile(file, 'utf8')).toBe('here first');
    });
  });

  it('is some other folder: there is no answer from it, and nothing is put into it', async () => {
    await withFolder(async (folder) => {
      for (const args of [['query', 'SELECT count(*) FROM messages'], ['compact']]) {
        expectRefusal(await cli([...args, '--lake', folder]), 1, ['lake_missing', folder, 'sluice sync']);
      }
      expect(await readdir(folder)).toEqual([]);
    });
  });

  it.skipIf(process.getuid?.() === 0)('may not be written', async () => {
    await withFolder(async (folder) => {
      const lake = join(folder, 'lake');
      await mkdir(lake, { mode: 0o500 });
      expectRefusal(await cli(sync(lake), twin.env), 1, ['lake_unwritable', lake]);
      await chmod(lake, 0o700);
    });
  });

  it('was written by a newer Sluice, or has a corrupt commit: nothing is touched', async () => {
    await withSynced(async (lake) => {
      const log = join(lake, '_log');
      const last = join(log, (await readdir(log)).filter((name) => /^\d+\.json$/.test(name)).at(-1)!);
      const good = await readFile(last, 'utf8');
      const broken: [string, string, RegExp][] = [
        [JSON.stringify({ ...JSON.parse(good), format: 99 }), 'lake_format_newer', /update sluice/i],
        [good.slice(0, good.length / 2), 'lake_commit_corrupt', /restore this file/i],
        ['', 'lake_commit_corrupt', /restore this file/i],
      ];
      for (const [text, code, hint] of broken) {
        await writeFile(last, text);
        const before = (await readdir(lake, { recursive: true })).sort();
        for (const args of [sync(lake), ['query', 'SELECT 1', '--lake', lake], ['compact', '--lake', lake]]) {
          expectRefusal(await cli(args, twin.env), 1, [code, hint]);
        }
        const after = (await readdir(lake, { recursive: true })).sort();
        expect(after.filter((name) => !name.startsWith('.scratch'))).toEqual(
          before.filter((name) => !name.startsWith('.scratch')),
        );
      }
      await writeFile(last, good);
      await expectNothingLost(lake);
    });
  });
});

describe('a permission that is missing', () => {
  it('is named with the table it costs, by check and by sync; the others are read', async () => {
    await using poor = await servedTwin({ app: { permissions: ['Team.ReadBasic.All', 'Channel.ReadBasic.All'] } });
    const env = poor.twin.env(poor.url);
    const says = ['ChannelMessage.Read.All', 'messages', 'User.ReadBasic.All', 'users', 'admin consent'];
    expectRefusal(await runSluice(['check'], env), 3, says);
    await withFolder(async (lake) => {
      const finished = await runSluice(['sync', '--lake', lake, '--limits', 'none', '--json', ...ofTeamTables], env);
      const report = reportOf(finished);
      expect([finished.code, report.outcome]).toEqual([3, 'partial']);
      const missing = report.skipped.map(({ resource, code, permission }) => `${resource} ${code} ${permission}`);
      expect(new Set(missing)).toEqual(
        new Set([
          'users permission_missing User.ReadBasic.All',
          'team_members permission_missing TeamMember.Read.All',
          'channel_members permission_missing ChannelMember.Read.All',
          'channel_messages permission_missing ChannelMessage.Read.All',
        ]),
      );
      expect((await currentRows(lake, 'channels')).length).toBeGreaterThan(1);
    });
  });
});

/** A file system of its own needs root and Linux namespaces. */
const canMount = process.getuid?.() === 0 && spawnSync('unshare', ['-m', 'true']).status === 0;

describe(`a full disk${canMount ? '' : ' (skipped: needs root and `unshare -m` for a small file system)'}`, () => {
  it.skipIf(!canMount)('is said as such, and what was committed can be read', async () => {
    await withFolder(async (folder) => {
      const sluice = `"${process.execPath}" "${main}"`;
      const script = [
        `mount -t tmpfs -o size=3m tmpfs "${folder}"`,
        `${sluice} sync --lake "${folder}" --limits none --tables users >&2 || exit 91`,
        `dd if=/dev/zero of="${folder}/filler" bs=4k 2>/dev/null; ${sluice} sync --lake "${folder}" --limits none --json`,
        'code=$?',
        `${sluice} query "SELECT count(*) AS n FROM users" --lake "${folder}" --json`,
        `rm "${folder}/filler"; ${sluice} sync --lake "${folder}" --limits none >&2 || exit 92`,
        `${sluice} query "SELECT count(*) AS n FROM messages" --lake "${folder}" --json; exit $code`,
      ].join('\n');
      const env = { PATH: process.env['PATH'] ?? '', ...twin.env };
      const { status, stdout, stderr } = await promisify(execFile)('unshare', ['-m', 'sh', '-c', script], { env }).then(
        (done) => ({ status: 0, ...done }),
        (error: { code: number; stdout: string; stderr: string }) => ({ status: error.code, ...error }),
      );
      expect(status, stdout + stderr).toBe(1);
      expect(stdout + stderr).toMatch(/lake_disk_full/);
      expect(stdout + stderr).not.toMatch(/\n\s+at .+:\d+:\d+/);
      const counted = stdout.trim().split('\n').slice(-2);
      expect(counted).toEqual([
        JSON.stringify({ n: (await twin.ledger('users')).length }),
        JSON.stringify({ n: (await twin.ledger('messages')).length }),
      ]);
    });
  });
});

describe('two writers at once', () => {
  it('one wins, the other is told at once that the lake is busy, before any request; nothing is lost', async () => {
    await withFolder(async (lake) => {
      await twin.post('/faults', { kind: 'slow', delayMs: 300, route: '/teams/**' });
      const args = ['sync', '--lake', lake, '--limits', 'none', '--json', '--commit-seconds', '1', ...ofTeamTables];
      const both = [startSluice(args, twin.env), startSluice(args, twin.env)];
      const reports = (await Promise.all(both.map(({ finished }) => finished))).map((finished) => ({
        code: finished.code,
        report: reportOf(finished),
      }));
      await twin.delete('/faults');
      const [winner, loser] = reports.sort((a, b) => Number(a.code) - Number(b.code));
      expect(winner, JSON.stringify(winner)).toMatchObject({ code: 0, report: { outcome: 'ok' } });
      expect(loser, JSON.stringify(loser)).toMatchObject({
        code: 1,
        report: { outcome: 'failed', error: { code: 'lake_busy' }, requests: { total: 0 } },
      });
      await expectNothingLost(lake);
      expect(reportOf(await runSluice(args, twin.env)).outcome).toBe('ok');
      await expectNothingLost(lake);
    });
  });
});
