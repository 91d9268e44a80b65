import { on } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { seededRandom } from '../../src/runtime/runtime.ts';
import { LEDGER_TABLES } from '../../src/simulator/tenant/ledger.ts';
import { allRows, allTruth, withFolder } from '../support/lake.ts';
import {
  type Finished,
  reportOf,
  runSluice,
  type Started,
  spawnTwin,
  startScript,
  startSluice,
} from '../support/sluice.ts';
import { TEAM_TABLES } from '../support/team-tables.ts';
import { controlOf, type Environment } from '../support/twin.ts';

/** Runs that are killed before the last, whole one. */
const KILLS = Number(process.env['SLUICE_SYNC_KILLS'] ?? 60);
/** Deaths between positions and files: each loses rows of a first load. */
const TORN = 3;
const MOST_TORN_RUNS = 30;
const SEED = Number(process.env['SLUICE_SEED'] ?? Date.now() % 100_000);
const random = seededRandom(SEED);

/** Kills of runs that read everything: each does more, and costs more. */
const KILLS_OF_ALL = Math.ceil(KILLS / 4);

const syncTo = (lake: string, tables: readonly string[] = TEAM_TABLES) => [
  ...['sync', '--lake', lake, '--json', '--commit-seconds', '1', '--limits', 'none'],
  ...(tables === LEDGER_TABLES ? [] : ['--tables', tables.join(',')]),
];

interface Course {
  readonly eventsPerSecond: number;
  /** A run dies at a random moment within so much time from when it may. */
  readonly withinMs?: number | undefined;
  /** Default: those of teams and channels. */
  readonly tables?: readonly string[] | undefined;
}

type Rows = Readonly<Record<string, readonly string[]>>;

/**
 * Kills runs with SIGKILL at random moments, while people write or not, until that is enough; then lets one run end. Answers the
 * runs, the rows of the lake and those of the tenant.
 *
 * @param start - starts a run and resolves once it may die
 */
async function survive(
  tenant: readonly string[],
  start: (lake: string, env: Environment) => Promise<Started>,
  isEnough: (runs: readonly Finished[]) => boolean,
  { eventsPerSecond, withinMs = 900, tables }: Course,
): Promise<{ runs: readonly Finished[]; rows: Rows; truth: Rows }> {
  const twin = await spawnTwin([...tenant, '--users', '25', '--seed', String(SEED), '--limits', 'none']);
  const control = controlOf(twin.url);
  try {
    return await withFolder(async (lake) => {
      await control.post('/live', { eventsPerSecond });
      const runs: Finished[] = [];
      while (!isEnough(runs)) {
        const { child, finished } = await start(lake, twin.env);
        const timer = setTimeout(() => child.kill('SIGKILL'), random() * withinMs);
        runs.push(await finished);
        clearTimeout(timer);
      }
      await control.post('/live', { eventsPerSecond: 0 });
      expect(reportOf(await runSluice(syncTo(lake, tables), twin.env))).toMatchObject({ outcome: 'ok' });
      return { runs, rows: await allRows(lake, tables), truth: await allTruth(control.ledger, tables) };
    });
  } finally {
    twin.stop();
  }
}

it(
  `${KILLS} runs killed at random moments leave a lake that equals the tenant: no row lost, none doubled (seed ${SEED})`,
  async () => {
    const tenant = ['--teams', '4', '--channels', '3', '--messages', '60'];
    const start = async (lake: string, env: Environment) => {
      const run = startSluice(syncTo(lake), env);
      await delay(250);
      return run;
    };
    const { runs, rows, truth } = await survive(tenant, start, ({ length }) => length >= KILLS, {
      eventsPerSecond: 40,
    });
    const killed = runs.filter(({ signal }) => signal === 'SIGKILL').length;
    expect(killed, 'some runs must really be cut off').toBeGreaterThan(KILLS / 4);
    expect(rows).toEqual(truth);
  },
  KILLS * 5_000 + 60_000,
);

it(
  `${KILLS_OF_ALL} killed runs that read everything, chats, apps, tabs, tags and calls too, leave a lake that equals the tenant (seed ${SEED})`,
  async () => {
    const tenant = ['--teams', '2', '--channels', '2', '--messages', '40', '--chats', '12'];
    const start = async (lake: string, env: Environment) => {
      const run = startSluice(syncTo(lake, LEDGER_TABLES), env);
      await delay(250);
      return run;
    };
    const isEnough = ({ length }: readonly Finished[]) => length >= KILLS_OF_ALL;
    const course = { eventsPerSecond: 30, withinMs: 4_000, tables: LEDGER_TABLES };
    const { runs, rows, truth } = await survive(tenant, start, isEnough, course);
    const killed = runs.filter(({ signal }) => signal === 'SIGKILL').length;
    expect(killed, 'some runs must really be cut off').toBeGreaterThan(KILLS_OF_ALL / 4);
    expect(truth['chat_messages']!.length).toBeGreaterThan(100);
    expect(rows).toEqual(truth);
  },
  KILLS_OF_ALL * 10_000 + 120_000,
);

it(
  `a lake that commits positions before files is caught by kills between the two: it loses rows (seed ${SEED})`,
  async () => {
    // Nobody writes: what is written while a first load runs has it read again, and that heals the loss.
    const tenant = ['--teams', '20', '--channels', '1', '--messages', '25'];
    const script = new URL('../support/positions-first-sync.ts', import.meta.url);
    const start = async (lake: string, env: Environment) => {
      const run = startScript(script, [lake], env);
      const said = async () => {
        for await (const [text] of on(run.child.stdout!, 'data')) if (String(text).includes('positions')) return;
      };
      await Promise.race([said(), run.finished]);
      return run;
    };
    const torn = (runs: readonly Finished[]) => runs.filter(({ out }) => out.endsWith('positions\n')).length;
    const isEnough = (runs: readonly Finished[]) => torn(runs) >= TORN || runs.length >= MOST_TORN_RUNS;
    const { runs, rows, truth } = await survive(tenant, start, isEnough, { eventsPerSecond: 0 });
    expect(torn(runs), runs.at(-1)!.err).toBe(TORN);
    const lost = ['messages', 'message_replies'].flatMap((name) => {
      const kept = new Set(rows[name]);
      return truth[name]!.filter((row) => !kept.has(row));
    });
    expect(lost).not.toEqual([]);
  },
  MOST_TORN_RUNS * 5_000 + 60_000,
);
