import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cli, jsonOf } from '../support/cli.ts';
import { startTwin, type TestTwin } from '../support/twin.ts';

let twin: TestTwin;
let folder: string;
let ana: { readonly id: string; readonly userPrincipalName: string };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-by-name-'));
  twin = await startTwin({ teams: 1, channels: 1, messages: 1, users: 6, chats: 5, limits: 'none' });
  const { out } = await cli(['ids', 'users', '--json'], twin.env);
  const [first] = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  ana = { id: first['user-id'], userPrincipalName: first.userPrincipalName };
});
afterAll(async () => {
  await twin.close();
  await rm(folder, { recursive: true, force: true });
});

const NOBODY = 'nobody@northwind.example';
const sync = (lake: string, users: readonly string[]) =>
  cli(['sync', '--tables', 'chats', '--json', '--lake', join(folder, lake), '--user', ...users], twin.env);

describe('users that are named by their sign-in name', () => {
  it('are read as by their ids, for one request more', async () => {
    const [byId, byName] = [await sync('by-id', [ana.id]), await sync('by-name', [ana.userPrincipalName])];
    expect([byId.code, byName.code]).toEqual([0, 0]);
    expect(jsonOf(byName).tables).toEqual(jsonOf(byId).tables);
    expect(jsonOf(byId).tables.chats.rows).toBeGreaterThan(0);
    expect(jsonOf(byName).requests.total).toBe(jsonOf(byId).requests.total + 1);
  });

  it('are read though another of them is not there, which is named', async () => {
    const { code, out, err } = await sync('one-lost', [NOBODY, ana.userPrincipalName]);
    expect(code).toBe(3);
    expect(err).toContain(`users: none is called ${NOBODY}.`);
    const report = JSON.parse(out.trim().split('\n').at(-1)!);
    expect(report.tables.chats.rows).toBeGreaterThan(0);
    expect(report.skipped).toMatchObject([{ resource: 'users', partition: NOBODY, code: 'not_found' }]);
  });

  it('of which none is there are refused, and nothing is read', async () => {
    const { code, err, out } = await sync('all-lost', [NOBODY]);
    expect(code).toBe(2);
    expect(err).toContain(`unknown_names: users: none is called ${NOBODY}.`);
    expect(JSON.parse(out.trim().split('\n').at(-1)!)).toMatchObject({ outcome: 'failed', tables: {} });
  });

  it('are meant by a plan and by a check too', async () => {
    const by = async (user: string) =>
      jsonOf(
        await cli(['plan', '--tables', 'chats', '--json', '--lake', join(folder, 'plan'), '--user', user], twin.env),
      );
    expect(await by(ana.userPrincipalName)).toEqual(await by(ana.id));
    const check = await cli(['check', '--tables', 'chats', '--user', ana.userPrincipalName], twin.env);
    expect(check.code).toBe(0);
  });
});
