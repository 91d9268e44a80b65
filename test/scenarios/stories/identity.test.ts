import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { ask, withFolder } from '../../support/lake.ts';
import { startSluice } from '../../support/sluice.ts';
import { type Environment, startTwin } from '../../support/twin.ts';

// Processes: slow on a busy machine.
vi.setConfig({ testTimeout: 240_000 });

const size = { teams: 2, channels: 1, messages: 10, users: 4, limits: 'none' } as const;

describe('6: a lake knows what it is', () => {
  it('takes rows of its own tenant only, by sync and by plan, and keeps what it has', async () => {
    await withFolder(async (folder) => {
      const twins = [await startTwin({ ...size, seed: 3 }), await startTwin({ ...size, seed: 4 })];
      const [own, other] = twins as [(typeof twins)[0], (typeof twins)[0]];
      const run = (args: readonly string[], env: Environment) => startSluice(args, env, { cwd: folder }).finished;
      const sync = ['sync', '--limits', 'none'];
      try {
        expect(own.env['TEAMS_TENANT_ID']).not.toBe(other.env['TEAMS_TENANT_ID']);
        const first = await run(sync, own.env);
        expect(first.code, first.err).toBe(0);
        const rows = await ask(join(folder, 'lake'), 'SELECT id FROM teams ORDER BY id');
        for (const args of [sync, ['plan'], [...sync, '--team', String(rows[0]![0])]]) {
          const refused = await run(args, other.env);
          expect(refused.code, refused.err).toBe(2);
          expect(refused.err).toContain('lake_of_another_tenant');
          for (const twin of [own, other]) expect(refused.err).toContain(twin.env['TEAMS_TENANT_ID']);
        }
        expect(await other.get('/requests')).toMatchObject({ total: 0 });
        expect(await ask(join(folder, 'lake'), 'SELECT id FROM teams ORDER BY id')).toEqual(rows);
        expect((await run([...sync, '--lake', 'other'], other.env)).code).toBe(0);
        expect(existsSync(join(folder, 'other', '_log'))).toBe(true);
      } finally {
        for (const twin of twins) await twin.close();
      }
    });
  });
});
