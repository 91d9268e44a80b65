import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { ObjectStore } from '../../src/lake/object-store.ts';
import { seededRandom } from '../../src/runtime/runtime.ts';
import { fastRuntime } from '../support/fast-runtime.ts';
import { allRows, allTruth, withFolder } from '../support/lake.ts';
import { runSync } from '../support/sync.ts';
import { startTwin, type TestTwin } from '../support/twin.ts';

// Whole syncs: slow on a busy machine.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const SEED = Number(process.env['SLUICE_SEED'] ?? 11);
/** Writes until each death: every one of the first eight twice, in random order. The same for the lake and for the mutant. */
const random = seededRandom(SEED);
const schedule = Array.from({ length: 16 }, (_, index) => ({ writes: 1 + (index % 8), order: random() }))
  .sort((a, b) => a.order - b.order)
  .map(({ writes }) => writes);

const runtime = fastRuntime(40);
let twin: TestTwin;
beforeAll(async () => {
  twin = await startTwin({ teams: 2, channels: 2, messages: 60, users: 10, seed: SEED, limits: 'none' }, { runtime });
});
afterAll(() => twin.close());

/** Two files and one log entry a commit: a death often falls between them. */
const TABLES = ['messages', 'message_replies'];
const chosen = (rows: Readonly<Record<string, string[]>>) => TABLES.map((name) => rows[name]);

type Wrap = (store: ObjectStore) => ObjectStore;

const WRITES = ['put', 'putIfAbsent', 'putFile'] as const;

/** Lets so many writes through; every later one throws, as for a process that is gone. */
function dying(allowed: number): Wrap {
  let left = allowed;
  return (inner) => {
    const store: Record<string, unknown> = { ...inner };
    for (const name of WRITES) {
      store[name] = async (...args: never[]) => {
        if (left-- <= 0) throw new Error('dead');
        return (inner[name] as (...args: never[]) => Promise<unknown>)(...args);
      };
    }
    return store as unknown as ObjectStore;
  };
}

/**
 * The mistake: positions are committed first, by themselves, and the files after them. A death in between leaves
 * positions without their rows.
 */
const positionsFirst: Wrap = (inner) => ({
  ...inner,
  putIfAbsent: async (key, bytes, signal) => {
    if (!/_log\/\d+\.json$/.test(key)) return inner.putIfAbsent(key, bytes, signal);
    const commit = JSON.parse(Buffer.from(bytes).toString('utf8')) as Record<string, unknown>;
    const early = Buffer.from(JSON.stringify({ ...commit, added: [] }));
    if (!(await inner.putIfAbsent(key, early, signal))) return false;
    await inner.put(key, bytes, signal);
    return true;
  },
});

/** Runs that die by the schedule, then whole ones; answers what the lake holds at the end. */
async function survive(lake: string, mutation: Wrap): Promise<unknown> {
  const call = { env: twin.env, lake, runtime, strategy: 'export', segmentPages: 2, tables: TABLES };
  let deaths = 0;
  for (const allowed of schedule) {
    const wrap: Wrap = (store) => mutation(dying(allowed)(store));
    const report = await runSync({ ...call, wrap }).catch(() => undefined);
    if (report?.outcome !== 'ok') deaths += 1;
  }
  expect(deaths, 'some runs must really die').toBeGreaterThan(schedule.length / 2);
  expect((await runSync(call)).outcome).toBe('ok');
  return chosen(await allRows(lake));
}

it(`runs that die at random writes leave a lake that equals the tenant (seed ${SEED})`, async () => {
  await withFolder(async (lake) => {
    expect(await survive(lake, (store) => store)).toEqual(chosen(await allTruth(twin.ledger)));
  });
});

it(`a lake that commits positions before files does not survive the same deaths (seed ${SEED})`, async () => {
  await withFolder(async (lake) => {
    expect(await survive(lake, positionsFirst)).not.toEqual(chosen(await allTruth(twin.ledger)));
  });
});
