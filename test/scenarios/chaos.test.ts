import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { fastRuntime } from '../support/fast-runtime.ts';
import { allRows, allTruth, withFolder } from '../support/lake.ts';
import { runSync } from '../support/sync.ts';
import { wholeTables } from '../support/tables.ts';
import { startTwin, type TestTwin } from '../support/twin.ts';

// Whole syncs: slow on a busy machine.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const SEED = Number(process.env['SLUICE_SEED'] ?? Date.now() % 100_000);
/** So many runs under faults must bring the tenant home. */
const MOST_RUNS = 60;
/** Fewer faults prove nothing. */
const LEAST_FAULTS = 21;

const messages = '/teams/{id}/channels/{id}/messages/**';
const rules = [
  { kind: 'throttle', probability: 0.05 },
  { kind: 'throttle', probability: 0.03, retryAfter: 'none' },
  ...[500, 502, 503, 504].map((status) => ({ kind: 'status', status, probability: 0.02 })),
  ...['reset', 'cut-off', 'wrong-length', 'truncated-json', 'html', 'slow', 'missing-value'].map((kind) => ({
    kind,
    probability: 0.02,
  })),
  ...['hang', 'answered-late', 'invalid-json', 'unauthorized', 'token-expired', 'foreign-link'].map((kind) => ({
    kind,
    probability: 0.01,
  })),
  ...['one-item-pages', 'empty-page', 'duplicate-rows'].map((kind) => ({ kind, probability: 0.05 })),
  ...['page-loop', 'page-loop-pair'].map((kind) => ({ kind, probability: 0.01, route: '/teams/{id}/**' })),
  ...['forbidden', 'team-gone'].map((kind) => ({ kind, probability: 0.01, route: '/teams/{id}/**' })),
  ...['both-links', 'delta-gone', 'delta-refused'].map((kind) => ({ kind, probability: 0.05, route: messages })),
  { kind: 'no-link', probability: 0.05, route: '/teams/{id}/channels/{id}/messages/delta' },
  { kind: 'token-failure', probability: 0.2 },
].map((rule, index) => ({ ...rule, seed: SEED + index }));

const runtime = fastRuntime(40);
let twin: TestTwin;
const calm: Record<string, Record<string, string[]>> = {};

beforeAll(async () => {
  twin = await startTwin({ teams: 3, channels: 3, messages: 60, users: 25, seed: SEED, limits: 'none' }, { runtime });
  for (const strategy of ['export', 'recent', 'delta', 'full']) {
    await withFolder(async (lake) => {
      expect((await runSync({ env: twin.env, lake, runtime, strategy })).outcome).toBe('ok');
      calm[strategy] = await wholeTables(lake);
      expect(await allRows(lake)).toEqual(await allTruth(twin.ledger));
    });
  }
});
afterAll(() => twin.close());

describe(`a tenant read calmly (seed ${SEED})`, () => {
  it.each(['recent', 'delta', 'full'])('gives the same tables by export and by %s', (strategy) => {
    expect(calm['export']!['messages']!.length).toBeGreaterThan(100);
    expect(calm[strategy]).toEqual(calm['export']);
  });
});

describe(`the same tenant under all faults at once (seed ${SEED})`, () => {
  it.each(['export', 'recent', 'delta'])('gives the same tables by %s', async (strategy) => {
    await withFolder(async (lake) => {
      for (const rule of rules) await twin.post('/faults', rule);
      const outcomes: string[] = [];
      const hits = async () => {
        const { faults } = await twin.get<{ faults: { rule: { kind: string }; hits: number }[] }>('/faults');
        return faults.reduce((sum, fault) => sum + fault.hits, 0);
      };
      // Delta has its links from the second run on, so one good run is not enough; nor are few faults.
      const isEnough = async () =>
        outcomes.at(-1) === 'ok' &&
        outcomes.filter((outcome) => outcome === 'ok').length >= 2 &&
        (await hits()) >= LEAST_FAULTS;
      while (!(await isEnough()) && outcomes.length < MOST_RUNS) {
        const run = runSync({ env: twin.env, lake, runtime, strategy, segmentPages: 3, timeoutMs: 20_000 });
        outcomes.push(
          await run.then(
            ({ outcome }) => outcome,
            () => 'failed',
          ),
        );
      }
      expect(await hits()).toBeGreaterThanOrEqual(LEAST_FAULTS);
      await twin.delete('/faults');
      expect(outcomes).toContain('ok');
      expect(await wholeTables(lake)).toEqual(calm[strategy]);
    });
  });
});
