import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/runtime/runtime.ts';
import { LEDGER_TABLES } from '../../src/simulator/tenant/ledger.ts';
import { currentRows, ledgerRows, withFolder } from '../support/lake.ts';
import { reportOf, runSluice, spawnTwin, startSluice } from '../support/sluice.ts';
import { controlOf } from '../support/twin.ts';

/** Runs that are killed before the last, whole one. */
const KILLS = Number(process.env['SLUICE_SYNC_KILLS'] ?? 100);
const SEED = Number(process.env['SLUICE_SEED'] ?? Date.now() % 100_000);
const random = seededRandom(SEED);

describe(`${KILLS} runs killed at random moments while people write on (seed ${SEED})`, () => {
  it(
    'leave a lake that equals the tenant: no row lost, none doubled',
    async () => {
      const twin = await spawnTwin([
        '--teams',
        '4',
        '--channels',
        '3',
        '--messages',
        '60',
        '--users',
        '25',
        '--seed',
        String(SEED),
        '--limits',
        'none',
      ]);
      const control = controlOf(twin.url);
      try {
        await withFolder(async (lake) => {
          const sync = ['sync', '--lake', lake, '--json', '--commit-seconds', '1', '--limits', 'none'];
          await control.post('/live', { eventsPerSecond: 40 });
          let killed = 0;
          for (let run = 0; run < KILLS; run++) {
            const { child, finished } = startSluice(sync, twin.env);
            const timer = setTimeout(() => child.kill('SIGKILL'), 250 + random() * 900);
            if ((await finished).signal === 'SIGKILL') killed += 1;
            clearTimeout(timer);
          }
          expect(killed, 'some runs must really be cut off').toBeGreaterThan(KILLS / 4);
          await control.post('/live', { eventsPerSecond: 0 });
          expect(reportOf(await runSluice(sync, twin.env))).toMatchObject({ outcome: 'ok' });
          for (const name of LEDGER_TABLES) {
            expect(await currentRows(lake, name), name).toEqual(ledgerRows(name, await control.ledger(name)));
          }
        });
      } finally {
        twin.stop();
      }
    },
    KILLS * 5_000 + 60_000,
  );
});
