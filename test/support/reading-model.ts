import fc from 'fast-check';
import type { GraphClient } from '../../src/graph/types.ts';
import { type Runtime, seededRandom } from '../../src/runtime/runtime.ts';
import type { TableShape } from '../../src/schema/column.ts';
import type { RunReport } from '../../src/sync/report.ts';
import { sync } from '../../src/sync/run.ts';
import { ModelLake } from './model-lake.ts';

export const SEED = Number(process.env['SLUICE_SEED'] ?? 7);
const RUNS = Number(process.env['SLUICE_RUNS'] ?? 150);
export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
export const NOW_MS = Date.UTC(2026, 5, 1);

/** A service in which people write while it is read. */
export interface LivingGraph extends GraphClient {
  nowMs: number;
  dateSkewMs: number;
  readonly refused: { clear(): void; add(what: 'export' | 'delta'): unknown };
  /** The process ends at this request, counted from now on. */
  killAfter: number;
  live: () => void;
}

/** One run of a history, and what happens before and during it. */
export interface ModelStep {
  readonly strategy: string | undefined;
  readonly killAfter: number | undefined;
  /** How much of a killed run was committed. */
  readonly committed: number;
  readonly pauseHours: number;
  readonly changes: number;
  readonly refuses: readonly ('export' | 'delta')[];
  readonly dateSkewHours: number;
  /** Changes per request while it is read. */
  readonly pace: number;
}

/** A reader of a living service: its runs, and what must be in the lake after each that was not killed. */
export abstract class ReadingModel<Tenant extends LivingGraph, Step extends ModelStep, Message> {
  readonly tenant: Tenant;
  readonly lake = new ModelLake();
  protected readonly random: () => number;
  readonly #table: TableShape;
  #pace = 0;

  constructor(
    tenant: Tenant,
    {
      seed,
      table,
      minutesPerRequest,
    }: { readonly seed: number; readonly table: TableShape; readonly minutesPerRequest: number },
  ) {
    this.tenant = tenant;
    this.random = seededRandom(seed);
    this.#table = table;
    tenant.live = () => {
      tenant.nowMs += Math.ceil(this.random() * 2 * minutesPerRequest * 60_000);
      if (this.random() < this.#pace) this.change();
    };
  }

  /** Somebody writes. */
  protected abstract change(): void;
  /** Something else happens before a run. */
  protected abstract happen(step: Step): void;
  /** What a run that begins now has to read. */
  protected abstract readable(): readonly Message[];
  protected abstract check(report: RunReport, before: readonly Message[]): void;

  async run(given: Step): Promise<void> {
    const { tenant, lake } = this;
    tenant.nowMs += given.pauseHours * HOUR_MS + 1;
    this.happen(given);
    for (let index = 0; index < given.changes; index++) {
      this.change();
      tenant.nowMs += 7000;
    }
    tenant.refused.clear();
    for (const what of given.refuses) tenant.refused.add(what);
    tenant.dateSkewMs = given.dateSkewHours * HOUR_MS;
    tenant.killAfter = given.killAfter ?? Number.POSITIVE_INFINITY;
    this.#pace = given.pace;
    const before = this.readable();
    const report = await this.#sync(given.strategy);
    const isKilled = tenant.killAfter < 0;
    tenant.killAfter = Number.POSITIVE_INFINITY;
    this.#pace = 0;
    lake.commit(isKilled ? given.committed : 1);
    if (report.error && !isKilled) throw new Error(JSON.stringify(report.error));
    if (!isKilled) this.check(report, before);
  }

  protected pick<T>(items: readonly T[]): T | undefined {
    return items[Math.floor(this.random() * items.length)];
  }

  async #sync(strategy: string | undefined): Promise<RunReport> {
    const { tenant } = this;
    const runtime: Runtime = {
      now: () => tenant.nowMs,
      monotonic: () => tenant.nowMs,
      random: this.random,
      id: () => 'load',
      sleep: (_, signal) =>
        new Promise((_resolve, reject) => {
          signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
        }),
    };
    const { signal } = new AbortController();
    return sync({ graph: tenant, lake: this.lake.lake, tables: [this.#table], runtime, strategy }, signal);
  }
}

/** Plays histories; a failure is printed with its seed and path. */
export async function playHistories<History extends { readonly steps: readonly ModelStep[] }>(
  history: fc.Arbitrary<History>,
  modelOf: (made: History) => { run(step: History['steps'][number]): Promise<void> },
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(history, async (made) => {
      const model = modelOf(made);
      for (const given of made.steps) await model.run(given);
    }),
    {
      seed: SEED,
      ...(process.env['SLUICE_PATH'] && { path: process.env['SLUICE_PATH'] }),
      numRuns: RUNS,
      endOnFailure: process.env['SLUICE_SHRINK'] === undefined,
    },
  );
}
