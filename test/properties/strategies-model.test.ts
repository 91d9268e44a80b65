import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import type { RunReport } from '../../src/sync/report.ts';
import { type LivingChannel, type LivingMessage, LivingTenant } from '../support/living-tenant.ts';
import { messageTable } from '../support/model-lake.ts';
import { DAY_MS, NOW_MS, playHistories, ReadingModel, SEED } from '../support/reading-model.ts';

vi.setConfig({ testTimeout: 300_000 });

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

interface Seen extends LivingMessage {
  readonly activityMs: number;
}

class Model extends ReadingModel<LivingTenant, Step, Seen> {
  constructor(made: History) {
    const { seed, minutesPerRequest } = made;
    super(new LivingTenant(NOW_MS), { seed, table: messageTable, minutesPerRequest });
    const { tenant } = this;
    tenant.pageSize = made.pageSize;
    tenant.exportOrder = made.exportOrder;
    tenant.inlineLink = made.inlineLink;
    for (let index = 0; index < made.channels; index++) {
      const membershipType = made.hasShared && index === 1 ? 'shared' : 'standard';
      tenant.channels.push({ id: `c${index}`, membershipType, migrationMode: null, visible: true });
    }
    for (let index = 0; index < made.messages; index++) this.#addOld();
  }

  protected readable(): readonly Seen[] {
    return this.tenant.seen.map((message) => ({ ...message, activityMs: this.#activityMs(message) }));
  }

  protected check(report: RunReport, before: readonly Seen[]): void {
    if (report.skipped.length > 0) return;
    const isInGap = (message: Seen) =>
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
  #now(message: LivingMessage): Seen {
    const now = this.tenant.messages.find(({ id }) => id === message.id)!;
    return { ...now, activityMs: this.#activityMs(now) };
  }

  /** A reply that no list shows, in a thread at the front of its channel: found within a day. */
  #isHidden(message: LivingMessage): boolean {
    if (message.rootId === null) return false;
    const root = this.tenant.messages.find(({ id }) => id === message.rootId)!;
    return this.tenant.replies(root).findIndex(({ id }) => id === message.id) >= this.tenant.inline;
  }

  #activityMs(message: LivingMessage): number {
    const root = message.rootId === null ? message : this.tenant.messages.find(({ id }) => id === message.rootId)!;
    return this.tenant.activityMs(root);
  }

  #addOld(): void {
    const { tenant } = this;
    const ages = [1 / 24, 2, 20, 100, 1000, 8000];
    const channelId = this.pick(tenant.channels)!.id;
    const roots = tenant.messages.filter((message) => message.channelId === channelId && message.rootId === null);
    const root = this.random() < 0.4 ? this.pick(roots) : undefined;
    const atMs = NOW_MS - Math.ceil(this.random() * this.pick(ages)! * DAY_MS) - 60_000;
    tenant.add({
      channelId,
      rootId: root?.id ?? null,
      atMs: Math.max(atMs, (root?.createdMs ?? Number.NEGATIVE_INFINITY) + 1),
    });
  }

  protected change(): void {
    const { tenant } = this;
    const dice = this.random();
    const visible = tenant.channels.filter((channel) => channel.visible);
    const channel = this.pick(visible);
    if (!channel) return;
    const inChannel = tenant.messages.filter(({ channelId }) => channelId === channel.id);
    const roots = inChannel.filter(({ rootId }) => rootId === null);
    if (dice < 0.3 || roots.length === 0) tenant.add({ channelId: channel.id, rootId: null });
    else if (dice < 0.6) tenant.add({ channelId: channel.id, rootId: this.pick(roots)!.id });
    else tenant.change(this.pick(inChannel)!);
  }

  /** Messages of another system, older than any mark, some without a time of change. */
  #import(channel: LivingChannel): void {
    channel.migrationMode = 'completed';
    for (let index = 0; index < 5; index++) {
      const atMs = Date.UTC(2004 + index, 5, 1);
      const modifiedMs = this.random() < 0.3 ? null : atMs;
      this.tenant.add({ channelId: channel.id, rootId: null, atMs, modifiedMs });
    }
  }

  protected happen({ event }: Step): void {
    const { tenant } = this;
    const channel = this.pick(tenant.channels)!;
    if (event === 'hide') channel.visible = false;
    if (event === 'restore' || event === 'heal') for (const one of tenant.channels) one.visible = true;
    if (event === 'import' && channel.migrationMode === null) this.#import(channel);
    if (event === 'bad') {
      const message = this.pick(tenant.seen);
      if (message) tenant.bad.add(message.id);
    }
    if (event === 'heal') tenant.bad.clear();
  }
}

it(`at the end of every run that says ok, the lake holds what the tenant held when it began (seed ${SEED})`, () =>
  playHistories(history, (made) => new Model(made)));
