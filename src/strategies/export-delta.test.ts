import { expect, it } from 'vitest';
import { LivingChats } from '../../test/support/living-chats.ts';
import { ModelLake, messageTable } from '../../test/support/model-lake.ts';
import type { Page, PageRequest } from '../graph/types.ts';
import { estimateRun } from '../sync/estimate.ts';
import { sync } from '../sync/run.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const table = { ...messageTable, name: 'chat_messages', resource: 'chat_messages' };

/** A user with one chat of seven messages, in pages of three. */
class Service extends LivingChats {
  readonly asked: string[] = [];
  /** A message of which the service writes no JSON. */
  torn: string | undefined;

  constructor() {
    super(Date.UTC(2026, 5, 1));
    this.users.push('u');
    this.chats.push({ id: 'c', createdMs: this.nowMs - 400 * DAY_MS, members: new Set(['u']) });
    for (let index = 7; index > 0; index--) this.add('c', this.nowMs - index * 50 * DAY_MS);
  }

  override async page(request: PageRequest, signal?: AbortSignal): Promise<Page> {
    this.asked.push(request.route.split('/').at(-1)!);
    const page = await super.page(request, signal);
    if (this.torn === undefined) return page;
    const text = new TextDecoder()
      .decode(page.bytes)
      .replace(`{"id":"${this.torn}"`, `{"id":"${this.torn}","x":"\u0001"`);
    return { ...page, bytes: new TextEncoder().encode(text) };
  }
}

function world() {
  const graph = new Service();
  const { lake, ...model } = { lake: new ModelLake(), tables: [table], strategy: 'delta' };
  const runtime = {
    now: () => graph.nowMs,
    monotonic: () => graph.nowMs,
    random: () => 0.5,
    id: () => 'load',
    sleep: () => new Promise<void>(() => undefined),
  };
  const { signal } = new AbortController();
  const run = async (passedMs = HOUR_MS) => {
    graph.nowMs += passedMs;
    const planned = await estimateRun({ ...model, graph, runtime, positions: lake.positions }, signal);
    graph.asked.length = 0;
    const report = await sync({ ...model, graph, lake: lake.lake, runtime }, signal);
    lake.commit();
    return { ...report, planned: planned.requests };
  };
  return { graph, lake, run };
}

const listings = ['users', 'chats'];

it('reads a first load by export, then one round; later the round alone, as planned', async () => {
  const { graph, lake, run } = world();
  expect((await run()).outcome).toBe('ok');
  expect(new Set(graph.asked)).toEqual(new Set([...listings, 'getAllMessages', 'delta']));
  expect(lake.states.size).toBe(7);
  graph.add('c');
  graph.change(graph.messages[0]!);
  const { outcome, planned } = await run();
  expect([outcome, graph.asked, planned]).toEqual(['ok', [...listings, 'delta'], 3]);
  expect(lake.states).toEqual(new Map(graph.messages.map(({ id, state }) => [id, state])));
});

it('reads by export what an expired link leaves open, and begins a new round behind it', async () => {
  const { graph, lake, run } = world();
  await run();
  graph.add('c', graph.nowMs + HOUR_MS);
  expect((await run(3 * DAY_MS)).outcome).toBe('ok');
  expect(graph.asked).toEqual([...listings, 'delta', 'getAllMessages', 'delta']);
  expect(lake.states.size).toBe(8);
  await run();
  expect(graph.asked).toEqual([...listings, 'delta']);
});

it('reads a user whose delta is refused by export, names that, and asks again after a week', async () => {
  const { graph, run } = world();
  graph.refused.add('delta');
  const named = [{ resource: 'chat_messages', partition: 'user:u', from: 'delta', to: 'export', code: 'refused' }];
  expect(await run()).toMatchObject({ outcome: 'ok', fallbacks: named });
  const second = await run();
  expect(second).toMatchObject({ outcome: 'ok', fallbacks: named, planned: 3 });
  expect(graph.asked).toEqual([...listings, 'getAllMessages']);
  graph.refused.clear();
  expect(await run(8 * DAY_MS)).toMatchObject({ outcome: 'ok', fallbacks: [] });
  expect(graph.asked).toEqual([...listings, 'getAllMessages', 'delta']);
});

it('names a message of a round that is no JSON, and reads it by export until it heals', async () => {
  const { graph, lake, run } = world();
  await run();
  graph.add('c');
  graph.torn = 'm8';
  const torn = await run();
  expect(torn.gaps).toMatchObject([{ partition: 'user:u', code: 'page_invalid', tries: 1 }]);
  expect((await run()).gaps).toMatchObject([{ code: 'page_invalid', tries: 2, since: torn.gaps[0]!.since }]);
  graph.torn = undefined;
  expect(await run(2 * DAY_MS)).toMatchObject({ outcome: 'ok', gaps: [] });
  expect(lake.states.has('m8')).toBe(true);
});
