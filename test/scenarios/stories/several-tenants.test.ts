import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { cli, jsonOf } from '../../support/cli.ts';
import { ask, withFolder } from '../../support/lake.ts';
import { startSluice } from '../../support/sluice.ts';
import { startTwin, type TestTwin } from '../../support/twin.ts';

vi.setConfig({ testTimeout: 240_000 });

const size = { teams: 2, channels: 1, messages: 12, users: 4, limits: 'none' } as const;
const idOf = (twin: TestTwin): string => twin.env['TEAMS_TENANT_ID']!;

interface World {
  readonly lake: string;
  readonly folder: string;
  readonly twins: readonly [TestTwin, TestTwin];
}

async function withTenants(use: (world: World) => Promise<void>): Promise<void> {
  const twins = await Promise.all([startTwin({ ...size, seed: 3 }), startTwin({ ...size, seed: 4 })]);
  try {
    await withFolder((folder) => use({ folder, lake: join(folder, 'lakes'), twins: twins as [TestTwin, TestTwin] }));
  } finally {
    for (const twin of twins) await twin.close();
  }
}

const sync = (lake: string, twin: TestTwin, ...more: string[]) =>
  cli(['sync', '--limits', 'none', '--lake', lake, ...more], twin.env);

const told = async (lake: string, twin: TestTwin) => {
  const done = await sync(lake, twin, '--several-tenants');
  expect([done.code, done.err]).toEqual([0, expect.stringContaining(`Tenant ${idOf(twin)}`)]);
};

const idsOf = async (lake: string, table: string, tenant: TestTwin): Promise<unknown[]> =>
  (await ask(lake, `SELECT id FROM ${table} WHERE tenant_id = '${idOf(tenant)}' ORDER BY id`)).flat();

const truth = async (twin: TestTwin, table: string) => (await twin.ledger(table)).map(({ id }) => id).sort();

describe('6: a lake that holds several tenants, each in its own rows', () => {
  it('has every table as the rows of all, with the tenant first, and takes each tenant into its own', async () => {
    await withTenants(async ({ lake, twins }) => {
      const [one, other] = twins;
      await told(lake, one);
      // Told once, it stays so.
      expect((await sync(lake, other)).code).toBe(0);
      for (const twin of twins) {
        for (const table of ['teams', 'channels', 'users', 'messages']) {
          expect(await idsOf(lake, table, twin)).toEqual(await truth(twin, table));
        }
      }
      const answer = jsonOf(await cli(['query', 'SELECT * FROM messages LIMIT 1', '--lake', lake, '--json']));
      expect(Object.keys(answer)[0]).toBe('tenant_id');
      const changes = await ask(lake, 'SELECT DISTINCT tenant_id FROM messages_changes ORDER BY 1');
      expect(changes.flat()).toEqual(twins.map(idOf).sort());
      const reactions = await ask(
        lake,
        'SELECT count(*)::INT FROM message_reactions r JOIN messages m USING (tenant_id, team_id)',
      );
      expect(Number(reactions[0]![0])).toBeGreaterThan(0);
    });
  });

  it('deletes in one tenant what it no longer lists, and nothing of another', async () => {
    await withTenants(async ({ lake, twins }) => {
      const [one, other] = twins;
      await told(lake, one);
      await told(lake, other);
      const gone = String((await one.ledger('teams'))[0]!['id']);
      await one.post('/events', { type: 'deleteTeam', teamId: gone });
      expect((await sync(lake, one, '--allow-shrink')).code).toBe(0);
      expect(await idsOf(lake, 'teams', one)).toEqual((await truth(one, 'teams')).filter((id) => id !== gone));
      expect(await idsOf(lake, 'teams', other)).toEqual(await truth(other, 'teams'));
    });
  });

  it('keeps the rows of all when the sync of one is killed, and goes on', async () => {
    await withTenants(async ({ lake, twins }) => {
      const [one, other] = twins;
      await told(lake, other);
      const own = join(lake, `tenant_id=${idOf(one)}`);
      const run = startSluice(['sync', '--limits', 'none', '--lake', lake], one.env);
      await expect.poll(() => existsSync(join(own, '_lease')), { timeout: 60_000, interval: 5 }).toBe(true);
      run.child.kill('SIGKILL');
      await run.finished;
      expect(await idsOf(lake, 'messages', other)).toEqual(await truth(other, 'messages'));
      expect((await sync(lake, other)).code).toBe(0);
      expect((await sync(lake, one, '--wait', '1m')).code).toBe(0);
      for (const twin of twins) expect(await idsOf(lake, 'messages', twin)).toEqual(await truth(twin, 'messages'));
    });
  });

  it('lets two tenants be synced at the same time', async () => {
    await withTenants(async ({ lake, twins }) => {
      const done = await Promise.all(twins.map((twin) => sync(lake, twin, '--several-tenants')));
      expect(done.map(({ code, err }) => [code, err])).toEqual(twins.map(() => [0, expect.any(String)]));
      for (const twin of twins) expect(await idsOf(lake, 'messages', twin)).toEqual(await truth(twin, 'messages'));
    });
  });

  it('says of each tenant how it stands, what its runs did, and works on all or on one', async () => {
    await withTenants(async ({ lake, twins }) => {
      for (const twin of twins) await told(lake, twin);
      const ids = twins.map(idOf).sort();
      const lines = async (...args: string[]) => {
        const { code, out, err } = await cli([...args, '--lake', lake, '--json']);
        expect([code, err]).toEqual([0, '']);
        return out
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line));
      };
      const tenantsOf = (found: readonly { tenantId: string }[]) => found.map(({ tenantId }) => tenantId).sort();
      for (const args of [['status'], ['history'], ['compact'], ['fsck'], ['reset', '--yes']]) {
        expect(tenantsOf(await lines(...args)), args.join(' ')).toEqual(ids);
        if (args[0] !== 'reset')
          expect(tenantsOf(await lines(...args, '--tenant', ids[1]!.toUpperCase()))).toEqual([ids[1]]);
      }
      const unknown = await cli(['status', '--lake', lake, '--tenant', '00000000-0000-4000-8000-000000000000']);
      expect([unknown.code, unknown.err]).toEqual([2, expect.stringContaining(ids[0]!)]);
      const planned = await cli(['plan', '--lake', lake], twins[0].env);
      expect([planned.code, planned.err]).toEqual([0, expect.stringContaining(idOf(twins[0]))]);
      const text = await cli(['status', '--lake', lake]);
      for (const id of ids) expect(text.out).toContain(`tenant ${id}`);
      // Both were reset; each reads again with its own credentials.
      expect((await cli(['refresh', 'messages', '--limits', 'none', '--lake', lake], twins[1].env)).code).toBe(0);
      for (const twin of twins) expect(await idsOf(lake, 'messages', twin)).toEqual(await truth(twin, 'messages'));
    });
  });

  it('is made of the lake of one tenant by one move, and of no lake with rows by the telling alone', async () => {
    await withTenants(async ({ lake, folder, twins }) => {
      const [one, other] = twins;
      const single = join(folder, 'lake');
      expect((await sync(single, one)).code).toBe(0);
      const refused = await sync(single, other);
      expect([refused.code, refused.err]).toEqual([2, expect.stringContaining('--several-tenants')]);
      for (const twin of twins) {
        const told = await sync(single, twin, '--several-tenants');
        expect([told.code, told.err]).toEqual([2, expect.stringContaining(`mv ${single} NEW/tenant_id=${idOf(one)}`)]);
      }
      expect(await ask(single, 'SELECT id FROM teams ORDER BY id')).toEqual(
        (await truth(one, 'teams')).map((id) => [id]),
      );
      mkdirSync(lake);
      renameSync(single, join(lake, `tenant_id=${idOf(one)}`));
      expect(await idsOf(lake, 'teams', one)).toEqual(await truth(one, 'teams'));
      expect((await sync(lake, other)).code).toBe(0);
      expect(existsSync(join(lake, '_log'))).toBe(true);
      const again = await sync(lake, one, '--json');
      expect([again.code, jsonOf(again).tables.messages.rows]).toEqual([0, 0]);
      for (const twin of twins) expect(await idsOf(lake, 'messages', twin)).toEqual(await truth(twin, 'messages'));
    });
  });

  it('refuses a folder that is another tenant’s than its name says', async () => {
    await withTenants(async ({ lake, twins }) => {
      const [one, other] = twins;
      await told(lake, one);
      renameSync(join(lake, `tenant_id=${idOf(one)}`), join(lake, `tenant_id=${idOf(other)}`));
      const asked = await cli(['query', 'SELECT 1', '--lake', lake]);
      expect([asked.code, asked.err]).toEqual([1, expect.stringContaining(`Rename it to tenant_id=${idOf(one)}`)]);
      expect((await sync(lake, other)).code).toBe(2);
    });
  });
});
