import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import type { RunReport } from '../../src/sync/report.ts';
import { type LivingChatMessage, LivingChats } from '../support/living-chats.ts';
import { messageTable } from '../support/model-lake.ts';
import { DAY_MS, NOW_MS, playHistories, ReadingModel, SEED } from '../support/reading-model.ts';

vi.setConfig({ testTimeout: 300_000 });

const table = { ...messageTable, name: 'chat_messages', resource: 'chat_messages' };

/** What may happen to the reader between and during its runs. */
const step = fc.record({
  strategy: fc.constantFrom(undefined, 'recent', 'delta', 'delta', 'delta', 'full'),
  /** The process is killed at this request; most runs end by themselves. */
  killAfter: fc.option(fc.integer({ min: 3, max: 16 }), { freq: 1, nil: undefined }),
  /** How much of a killed run was committed. */
  committed: fc.constantFrom(0, 0.5, 0.8, 1),
  /** Time and changes between runs: delta tokens are good for two days. */
  pauseHours: fc.constantFrom(0, 0.05, 1, 30, 120),
  changes: fc.constantFrom(0, 3, 12),
  /** What the service refuses from now on. */
  refuses: fc.constantFrom<readonly ('export' | 'delta')[]>([], [], [], ['export'], ['delta']),
  dateSkewHours: fc.constantFrom(0, 0, 0, 2, -2),
  /** Changes per request while it is read. */
  pace: fc.constantFrom(0, 0.05, 0.2),
  event: fc.constantFrom('none', 'none', 'join', 'leave', 'create', 'licence', 'bad', 'heal'),
});

const history = fc.record({
  seed: fc.nat(1e9),
  users: fc.integer({ min: 1, max: 4 }),
  chats: fc.integer({ min: 1, max: 4 }),
  messages: fc.nat(30),
  pageSize: fc.integer({ min: 2, max: 4 }),
  minutesPerRequest: fc.constantFrom(0.2, 2, 90),
  steps: fc.array(step, { minLength: 1, maxLength: 8 }),
});

type History = typeof history extends fc.Arbitrary<infer T> ? T : never;
type Step = History['steps'][number];

class Model extends ReadingModel<LivingChats, Step, LivingChatMessage> {
  constructor(made: History) {
    const { seed, minutesPerRequest } = made;
    super(new LivingChats(NOW_MS), { seed, table, minutesPerRequest });
    const { tenant } = this;
    tenant.pageSize = made.pageSize;
    for (let index = 0; index < made.users; index++) tenant.users.push(`u${index}`);
    for (let index = 0; index < made.chats; index++) this.#create(NOW_MS - 9000 * DAY_MS);
    for (let index = 0; index < made.messages; index++) {
      const ageDays = this.pick([1 / 24, 2, 20, 100, 1000, 8000])!;
      tenant.add(this.pick(tenant.chats)!.id, NOW_MS - Math.ceil(this.random() * ageDays * DAY_MS) - 60_000);
    }
  }

  protected readable(): readonly LivingChatMessage[] {
    return this.tenant.readable.map((message) => ({ ...message }));
  }

  /** A user without a licence holds nobody up; whoever is refused otherwise may. */
  protected check(report: RunReport, before: readonly LivingChatMessage[]): void {
    if (report.skipped.some(({ code }) => code !== 'licence_missing')) return;
    const stale = before
      .filter((message) => (this.lake.states.get(message.id) ?? 0) < message.state)
      .filter((message) => !this.#isInGap(report, message) && !this.#isInGap(report, this.#now(message)));
    expect(stale).toEqual([]);
  }

  #isInGap({ gaps }: RunReport, { chatId, modifiedMs }: LivingChatMessage): boolean {
    return gaps.some(({ partition, from, to }) => {
      if (partition === `chat:${chatId}`) return to === undefined || modifiedMs <= Date.parse(to);
      const chat = this.tenant.chats.find(({ id }) => id === chatId)!;
      const isOfMember = partition.startsWith('user:') && chat.members.has(partition.slice('user:'.length));
      const isAfter = from === undefined || modifiedMs > Date.parse(from);
      return isOfMember && isAfter && (to === undefined || modifiedMs <= Date.parse(to));
    });
  }

  #now({ id }: LivingChatMessage): LivingChatMessage {
    return this.tenant.messages.find((one) => one.id === id)!;
  }

  #create(createdMs: number): void {
    const { tenant } = this;
    const members = new Set(tenant.users.filter(() => this.random() < 0.6));
    members.add(this.pick(tenant.users)!);
    tenant.chats.push({ id: `c${tenant.chats.length}`, createdMs, members });
  }

  protected change(): void {
    const { tenant } = this;
    const chat = this.pick(tenant.chats)!;
    const message = this.pick(tenant.messages);
    if (message === undefined || this.random() < 0.5) tenant.add(chat.id);
    else tenant.change(message);
  }

  protected happen({ event }: Step): void {
    const { tenant } = this;
    const chat = this.pick(tenant.chats)!;
    const user = this.pick(tenant.users)!;
    const message = this.pick(tenant.messages);
    if (event === 'join') chat.members.add(user);
    if (event === 'leave') chat.members.delete(user);
    if (event === 'create') this.#create(tenant.nowMs);
    if (event === 'licence' && !tenant.unlicensed.delete(user)) tenant.unlicensed.add(user);
    if (event === 'bad' && message) tenant.bad.add(message.id);
    if (event === 'heal') tenant.bad.clear();
  }
}

it(`at the end of a run of chats, the lake holds what could be read when it began (seed ${SEED})`, () =>
  playHistories(history, (made) => new Model(made)));
