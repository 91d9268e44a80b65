import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import { type Runtime, seededRandom } from '../../src/runtime/runtime.ts';
import type { RunReport } from '../../src/sync/report.ts';
import { sync } from '../../src/sync/run.ts';
import { type LivingChannel, type LivingMessage, LivingTenant } from '../support/living-tenant.ts';
import { ModelLake, messageTable } from '../support/model-lake.ts';

vi.setConfig({ testTimeout: 300_000 });

const SEED = Number(process.env['SLUICE_SEED'] ?? 7);
const RUNS = Number(process.env['SLUICE_RUNS'] ?? 150);
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const NOW_MS = Date.UTC(2026, 5, 1);

/** What may happen to the reader between and during its runs. */
const step = fc.record({
  strategy: fc.constantFrom(undefined, 'export', 'recent', 'delta', 'full'),
  /** The process is killed at this request; most runs end by themselves. */
  killAfter: fc.option(fc.nat(30), { freq: 2, nil: undefined }),
  /** How much of a killed run was committed. */
  committed: fc.double({ min: 0, max: 1, noNaN: true }),
  /** Time and changes between runs. */
  pauseHours: fc.constantFrom(0, 0.05, 1, 30, 120),
  changes: fc.nat(6),
  /** What the service refuses from now on. */
  refuses: fc.constantFrom<readonly ('export' | 'delta')[]>([], [], ['export'], ['delta'], ['export', 'delta']),
  dateSkewHours: fc.constantFrom(0, 0, 0, 2, -2),
  /** Changes per request while it is read. */
  pace: fc.constantFrom(0, 0.05, 0.2),
  event: fc.constantFrom('none', 'none', 'none', 'hide', 'restore', 'import', 'bad', 'heal'),
});

const history = fc.record({
  seed: fc.nat(1e9),
  channels: fc.integer({ min: 1, max: 3 }),
  messages: fc.nat(40),
  pageSize: fc.integer({ min: 2, max: 4 }),
  exportOrder: fc.constantFrom('arrival' as const, 'modified' as const),
  hasShared: fc.boolean(),
  inlineLink: fc.boolean(),
  minutesPerRequest: fc.constantFrom(0.2, 2, 90),
  steps: fc.array(step, { minLength: 1, maxLength: 6 }),
});

type History = typeof history extends fc.Arbitrary<infer T> ? T : never;
type Step = History['steps'][number];

class Model {
  readonly tenant = new LivingTenant(NOW_MS);
  readonly lake = new ModelLake();
  readonly #random: () => number;
  #pace = 0;

  constructor(made: History) {
    this.#random = seededRandom(made.seed);
    const { tenant } = this;
    tenant.pageSize = made.pageSize;
    tenant.exportOrder = made.exportOrder;
    tenant.inlineLink = made.inlineLink;
    for (let index = 0; index < made.channels; index++) {
      const membershipType = made.hasShared && index === 1 ? 'shared' : 'standard';
      tenant.channels.push({ id: `c${index}`, membershipType, migrationMode: null, visible: true });
    }
    for (let index = 0; index < made.messages; index++) this.#addOld();
    tenant.live = () => {
      tenant.nowMs += Math.ceil(this.#random() * 2 * made.minutesPerRequest * 60_000);
      if (this.#random() < this.#pace) this.#change();
    };
  }

  async run(given: Step): Promise<void> {
    const { tenant, lake } = this;
    tenant.nowMs += given.pauseHours * HOUR_MS + 1;
    this.#happen(given.event);
    for (let index = 0; index < given.changes; index++) {
      this.#change();
      tenant.nowMs += 7000;
    }
    tenant.refused.clear();
    for (const what of given.refuses) tenant.refused.add(what);
    tenant.dateSkewMs = given.dateSkewHours * HOUR_MS;
    tenant.killAfter = given.killAfter ?? Number.POSITIVE_INFINITY;
    this.#pace = given.pace;
    const before = tenant.seen.map((message) => ({ ...message, activityMs: this.#activityMs(message) }));
    const report = await this.#sync(given.strategy);
    const isKilled = tenant.killAfter < 0;
    tenant.killAfter = Number.POSITIVE_INFINITY;
    this.#pace = 0;
    lake.commit(isKilled ? given.committed : 1);
    if (report.error && !isKilled) throw new Error(JSON.stringify(report.error));
    if (isKilled || report.skipped.length > 0) return;
    this.#check(report, before);
  }

  #check(report: RunReport, before: readonly (LivingMessage & { activityMs: number })[]): void {
    const isInGap = (message: LivingMessage & { activityMs: number }) =>
      report.gaps.some(({ partition, from, to, thread }) => {
        if (thread !== undefined) return message.rootId === thread;
        const inside = (ms: number) =>
          (from === undefined || ms > Date.parse(from)) && (to === undefined || ms <= Date.parse(to));
        if (partition.startsWith('team:')) return inside(message.modifiedMs ?? message.createdMs);
        return (
          partition.endsWith(`/${message.channelId}`) && (to === undefined || message.activityMs <= Date.parse(to))
        );
      });
    const stale = before
      .filter((message) => (this.lake.states.get(message.id) ?? 0) < message.state)
      .filter((message) => !isInGap(message) && !isInGap(this.#now(message)) && !this.#isHidden(message));
    if (report.gaps.length === 0) expect(report.outcome).toBe('ok');
    expect(stale).toEqual([]);
  }

  /** The message as it stands now: a bad one may have moved while it was looked for. */
  #now(message: LivingMessage): LivingMessage & { activityMs: number } {
    const now = this.tenant.messages.find(({ id }) => id === message.id)!;
    return { ...now, activityMs: this.#activityMs(now) };
  }

  /** A reply that no list shows, in a thread at the front of its channel: found within a day. */
  #isHidden(message: LivingMessage): boolean {
    if (message.rootId === null) return false;
    const root = this.tenant.messages.find(({ id }) => id === message.rootId)!;
    return this.tenant.replies(root).findIndex(({ id }) => id === message.id) >= this.tenant.inline;
  }

  async #sync(strategy: string | undefined): Promise<RunReport> {
    const { tenant } = this;
    const runtime: Runtime = {
      now: () => tenant.nowMs,
      monotonic: () => tenant.nowMs,
      random: this.#random,
      id: () => 'load',
      sleep: (_, signal) =>
        new Promise((_resolve, reject) => {
          signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
        }),
    };
    return sync(
      {
        graph: tenant,
        lake: this.lake.lake,
        tables: [messageTable],
        runtime,
        ...(strategy !== undefined && { strategy }),
      },
      new AbortController().signal,
    );
  }

  #activityMs(message: LivingMessage): number {
    const root = message.rootId === null ? message : this.tenant.messages.find(({ id }) => id === message.rootId)!;
    return this.tenant.activityMs(root);
  }

  #pick<T>(items: readonly T[]): T | undefined {
    return items[Math.floor(this.#random() * items.length)];
  }

  #addOld(): void {
    const { tenant } = this;
    const ages = [1 / 24, 2, 20, 100, 1000, 8000];
    const channelId = this.#pick(tenant.channels)!.id;
    const roots = tenant.messages.filter((message) => message.channelId === channelId && message.rootId === null);
    const root = this.#random() < 0.4 ? this.#pick(roots) : undefined;
    const atMs = NOW_MS - Math.ceil(this.#random() * this.#pick(ages)! * DAY_MS) - 60_000;
    tenant.add({
      channelId,
      rootId: root?.id ?? null,
      atMs: Math.max(atMs, (root?.createdMs ?? Number.NEGATIVE_INFINITY) + 1),
    });
  }

  #change(): void {
    const { tenant } = this;
    const dice = this.#random();
    const visible = tenant.channels.filter((channel) => channel.visible);
    const channel = this.#pick(visible);
    if (!channel) return;
    const inChannel = tenant.messages.filter(({ channelId }) => channelId === channel.id);
    const roots = inChannel.filter(({ rootId }) => rootId === null);
    if (dice < 0.3 || roots.length === 0) tenant.add({ channelId: channel.id, rootId: null });
    else if (dice < 0.6) tenant.add({ channelId: channel.id, rootId: this.#pick(roots)!.id });
    else tenant.change(this.#pick(inChannel)!);
  }

  /** Messages of another system, older than any mark, some without a time of change. */
  #import(channel: LivingChannel): void {
    channel.migrationMode = 'completed';
    for (let index = 0; index < 5; index++) {
      const atMs = Date.UTC(2004 + index, 5, 1);
      const modifiedMs = this.#random() < 0.3 ? null : atMs;
      this.tenant.add({ channelId: channel.id, rootId: null, atMs, modifiedMs });
    }
  }

  #happen(event: Step['event']): void {
    const { tenant } = this;
    const channel = this.#pick(tenant.channels)!;
    if (event === 'hide') channel.visible = false;
    if (event === 'restore' || event === 'heal') for (const one of tenant.channels) one.visible = true;
    if (event === 'import' && channel.migrationMode === null) this.#import(channel);
    if (event === 'bad') {
      const message = this.#pick(tenant.seen);
      if (message) tenant.bad.add(message.id);
    }
    if (event === 'heal') tenant.bad.clear();
  }
}

it(`at the end of every run that says ok, the lake holds what the tenant held when it began (seed ${SEED})`, async () => {
  await fc.assert(
    fc.asyncProperty(history, async (made) => {
      const model = new Model(made);
      for (const given of made.steps) await model.run(given);
    }),
    {
      seed: SEED,
      ...(process.env['SLUICE_PATH'] && { path: process.env['SLUICE_PATH'] }),
      numRuns: RUNS,
      endOnFailure: process.env['SLUICE_SHRINK'] === undefined,
    },
  );
});
