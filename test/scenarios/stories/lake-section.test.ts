import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lakeFields, lakeKeys, lakeVariable } from '../../../src/config/lake-fields.ts';
import { checkConfig } from '../../../src/config/load.ts';
import { loadSection } from '../../../src/config/load-section.ts';
import { lakeSection } from '../../../src/config/sections/lake.ts';
import { variables } from '../../../src/config/variables.ts';
import { cli, jsonOf } from '../../support/cli.ts';
import { message, messagesPage, openTestLake } from '../../support/lake-pages.ts';
import { runSluice } from '../../support/sluice.ts';
import { startTwin } from '../../support/twin.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-section-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let lake = '';
beforeAll(async () => {
  lake = join(folder, 'lake');
  await using opened = await openTestLake(folder);
  await using load = await opened.begin({ loadId: 'one' });
  await load.append(messagesPage([message('1')]));
  await load.close();
});

function config(text: string): string {
  const file = join(folder, 'sluice.yaml');
  writeFileSync(file, text);
  return file;
}
const COUNT = 'SELECT count(*)::INT AS n FROM messages';
const nowMs = Date.parse('2026-06-01T00:00:00Z');

describe('the section lake of sluice.yaml', () => {
  it.each(['status', 'history', 'compact', 'fsck'])('is where %s finds its lake', async (command) => {
    const file = config(`lake: { url: '${lake}' }\n`);
    const answer = await cli([command, '--config', file, '--json']);
    expect(answer.err).toBe('');
    expect([0, 3]).toContain(answer.code);
  });

  it('needs no secret of the other sections', async () => {
    const text = `lake: { url: '${lake}' }\nauth: { client_secret: '$\{env:NOT_SET}' }\nserver: { port: no }\n`;
    const answer = await cli(['query', COUNT, '--config', config(text), '--json']);
    expect(jsonOf(answer)).toEqual({ n: 1 });
  });

  it('yields to the variable, and both to the option', async () => {
    const file = config(`lake: { url: './not-there' }\n`);
    expect((await cli(['query', COUNT, '--config', file])).err).toContain(join(folder, 'not-there'));
    const byVariable = await cli(['query', COUNT, '--config', file, '--json'], { SLUICE_LAKE_URL: lake });
    expect(jsonOf(byVariable)).toEqual({ n: 1 });
    const byOption = await cli(['query', COUNT, '--config', file, '--lake', lake, '--json'], {
      SLUICE_LAKE_URL: 'gs://lake',
    });
    expect(jsonOf(byOption)).toEqual({ n: 1 });
  });

  it('refuses what it does not know, by place and with what is valid', async () => {
    const file = config(
      `lake:\n  url: gs://lake\n  strategy: fast\n  tables: [messages, mesages]\n  colour: red\n  wait: soon\n`,
    );
    const answer = await cli(['query', COUNT, '--config', file, '--json']);
    expect(answer.code).toBe(2);
    const checked = await checkConfig({ file, environment: {} });
    const faults = 'faults' in checked ? checked.faults : [];
    const said = faults.map(({ source, path, message: text }) => `${source} ${path} ${text}`);
    for (const key of ['url', 'strategy', 'tables', 'colour', 'wait'])
      expect(said).toContainEqual(expect.stringContaining(`lake.${key} `));
    expect(said.join('\n')).toMatch(/:2:\d+ lake\.url .*"gs:".*file:/);
    expect(said.join('\n')).toMatch(/:4:\d+ lake\.tables.* Entry 2 .*channel_members|Entry 2 .*messages/);
  });

  it('has a variable for each of its keys, and takes from it what it takes from the file', () => {
    expect(Object.keys(variables)).toEqual(expect.arrayContaining(lakeKeys.map(lakeVariable)));
    const texts = {
      url: '/srv/lake',
      tables: 'messages,teams',
      teams: 'a,b',
      channels: 'c',
      users: 'd',
      chats: 'e,f',
      since: '2026-01-31',
      until: '2026-02-28',
      filter: "importance eq 'high'",
      max_pages: '3',
      max_records: '500',
      strategy: 'delta',
      lookback_seconds: '60',
      commit_seconds: '5',
      raw: 'true',
      keep_raw: 'false',
      hosted_contents: 'true',
      hosted_content_mb: '5',
      verify_reactions: 'true',
      verify_reactions_days: '3',
      verify_reactions_messages: '200',
      delta: 'true',
      several_tenants: '1',
      wait: 'forever',
      fresh_since: '15m',
      heartbeat_seconds: '0',
      retention: '2d',
    } satisfies Record<keyof typeof lakeFields, string>;
    const environment = Object.fromEntries(Object.entries(texts).map(([key, text]) => [lakeVariable(key), text]));
    const expected = {
      url: '/srv/lake',
      store: {},
      tables: ['messages', 'teams'],
      teams: ['a', 'b'],
      channels: ['c'],
      users: ['d'],
      chats: ['e', 'f'],
      since: Date.parse('2026-01-31'),
      until: Date.parse('2026-02-28'),
      filter: "importance eq 'high'",
      max_pages: 3,
      max_records: 500,
      strategy: 'delta',
      lookback_seconds: 60,
      commit_seconds: 5,
      raw: true,
      keep_raw: false,
      hosted_contents: true,
      hosted_content_mb: 5,
      verify_reactions: true,
      verify_reactions_days: 3,
      verify_reactions_messages: 200,
      delta: true,
      several_tenants: true,
      wait: Number.POSITIVE_INFINITY,
      fresh_since: nowMs - 900_000,
      heartbeat_seconds: 0,
      retention: 172_800_000,
    };
    expect(loadSection(lakeSection(nowMs), { environment })).toEqual(expected);
    const yaml = Object.entries(texts).map(([key, text]) => {
      const { form } = lakeFields[key as keyof typeof lakeFields];
      const value = form === 'list' ? `[${text}]` : form === 'boolean' ? String(text === 'true' || text === '1') : text;
      return `  ${key}: ${value}`;
    });
    const file = config(`lake:\n${yaml.join('\n')}\n`);
    expect(loadSection(lakeSection(nowMs), { file, environment: {} })).toEqual(expected);
  });
});

it('makes of `sluice sync` alone, in the folder of sluice.yaml, the whole job', async () => {
  const twin = await startTwin({ teams: 2, channels: 1, messages: 3, users: 4, seed: 3, limits: 'none' });
  try {
    const job = mkdtempSync(join(folder, 'job-'));
    writeFileSync(join(job, 'sluice.yaml'), 'lake: { url: data, tables: [teams, messages], raw: true }\n');
    const synced = await runSluice(['sync'], twin.env, { cwd: job });
    expect(synced.code, synced.err).toBe(0);
    const sql = 'SELECT (SELECT count(*)::INT FROM teams) AS teams, (SELECT count(_raw)::INT FROM messages) AS raws';
    const answer = await cli(['query', sql, '--lake', join(job, 'data'), '--json']);
    expect(jsonOf(answer)).toEqual({ teams: 2, raws: (await twin.ledger('messages')).length });
  } finally {
    await twin.close();
  }
});

const commands = ['query x', 'status', 'history', 'compact', 'fsck', 'reset', 'plan', 'sync', 'refresh messages'];

describe.each(commands)('sluice %s', (command) => {
  it('names the known kinds of store when it does not know one', async () => {
    const answer = await cli([...command.split(' '), '--lake', 'gs://lake']);
    expect(answer.code).toBe(2);
    expect(answer.err).toMatch(/^lake_url_unknown: .*"gs:".*file:/);
  });

  it('does not work on a lake that is gone when it ends', async () => {
    const answer = await cli([...command.split(' '), '--lake', 'memory:']);
    expect(answer.code).toBe(2);
    expect(answer.err).toMatch(/^lake_url_invalid: .*memory:.*Valid: \.\/lake/);
  });
});
