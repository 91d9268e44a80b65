import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bot, type BotStore, createBot, openBotStore, Secret } from '../../src/bot/index.ts';
import { botTwin } from '../support/bot-twin.ts';
import { type PrivatePostgres, postgresAvailable, startPostgres } from '../support/postgres.ts';
import { until } from '../support/served-twin.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-bot-store-'));
const hasPostgres = postgresAvailable();
let files = 0;
let postgres: PrivatePostgres | undefined;
beforeAll(async () => {
  if (hasPostgres) postgres = await startPostgres();
});
afterAll(() => {
  postgres?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const freshSqlite = async () => `sqlite:${join(folder, `${++files}.db`)}`;
const databases: [string, () => Promise<string>][] = [['SQLite', freshSqlite]];
if (hasPostgres) databases.push(['PostgreSQL', () => postgres!.freshDatabase()]);

type World = ReturnType<typeof botTwin>;

/** A twin, and a bot with a store at the URL; `restarted` is the same bot in the next process. */
async function durable(url: string, handlers: (bot: Bot) => unknown, dying = false) {
  const clock = new VirtualClock();
  const store = await openBotStore({ url, runtime: clock });
  // A process that is dead renews nothing.
  const runtime = dying ? { ...clock, now: clock.now, sleep: () => new Promise<void>(() => {}) } : undefined;
  const world: World = botTwin({ store, ...(runtime && { runtime }) }, 'none', clock);
  handlers(world.bot);
  const conversation = world.service.conversations[0]!;
  const posts = () => conversation.posts.filter(({ by }) => by === 'bot').map(({ text }) => text);
  const next = (more: (bot: Bot) => unknown, on: BotStore = store) => {
    const { appId, tenantId } = world;
    const { fetch, url: twinUrl, telemetry } = world;
    const credential = { kind: 'secret', secret: new Secret(world.appSecret) } as const;
    const bot = createBot({
      appId,
      tenant: tenantId,
      credential,
      twinUrl,
      fetch,
      runtime: clock,
      telemetry,
      store: on,
    });
    more(bot);
    world.replaceBot(bot);
    return bot;
  };
  await world.act({ do: 'install' });
  return { ...world, clock, store, posts, next };
}

/** Lets time pass until something is so. */
async function passing(clock: VirtualClock, done: () => boolean): Promise<void> {
  while (!done()) {
    await new Promise((resolve) => setTimeout(resolve, 2));
    clock.advance(250);
  }
}

describe.each(databases)('a bot with a store on %s', (_, fresh) => {
  it('stores an activity, answers it, and works on it once, whatever comes again and in whatever process', async () => {
    const seen: string[] = [];
    const handlers = (bot: Bot) =>
      bot.on('message', async ({ text, reply }) => {
        seen.push(text);
        await reply(`You said: ${text}`);
      });
    const { act, posts, next, store } = await durable(await fresh(), handlers);
    const id = String((await act({ do: 'say', text: 'hello' }))[0]!.id);
    await until(() => posts().length === 1);
    expect(await act({ do: 'repeat', id })).toMatchObject([{ status: 200 }]);
    next(handlers);
    expect(await act({ do: 'repeat', id })).toMatchObject([{ status: 200 }]);
    await act({ do: 'say', text: 'again' });
    await until(() => posts().length === 2);
    expect(seen).toEqual(['hello', 'again']);
    await store[Symbol.asyncDispose]();
  });

  it('does again what a dead process had begun, without saying again what was said', async () => {
    const speak = (hangs: boolean) => (bot: Bot) =>
      bot.on('message', async ({ reply, edit }) => {
        const { id } = await reply('one');
        if (hangs) await new Promise(() => {});
        await edit(id!, 'One');
        await reply('two');
      });
    const { act, posts, next, clock, store } = await durable(await fresh(), speak(true), true);
    await act({ do: 'say', text: 'hello' });
    await until(() => posts().length === 1);
    const bot = next(speak(false));
    const stopping = new AbortController();
    const working = bot.work(stopping.signal);
    await passing(clock, () => posts().length === 2);
    stopping.abort();
    await working;
    expect(posts()).toEqual(['One', 'two']);
    await store[Symbol.asyncDispose]();
  });

  it('tries a handler that throws three times, says what it said before it threw once, and gives up', async () => {
    let tries = 0;
    const handlers = (bot: Bot) =>
      bot.on('message', async ({ reply }) => {
        tries += 1;
        await reply('working on it');
        throw new TypeError('no');
      });
    const { act, posts, bot, clock, store, telemetry } = await durable(await fresh(), handlers);
    expect(await act({ do: 'say', text: 'hello' })).toMatchObject([{ status: 200 }]);
    const stopping = new AbortController();
    const working = bot.work(stopping.signal);
    await passing(clock, () => tries === 3);
    stopping.abort();
    await working;
    expect(posts()).toEqual(['working on it']);
    expect(await store.inbox.leftover(10)).toEqual([]);
    expect(telemetry.logs.filter(({ event }) => event === 'bot.failed').length).toBe(3);
    await store[Symbol.asyncDispose]();
  });

  it('is given up when its processes died of it for long, not because many died in a short time; a death is no failure', async () => {
    const never = (bot: Bot) => bot.on('message', () => new Promise(() => {}));
    const { act, clock, store } = await durable(await fresh(), never, true);
    await act({ do: 'say', text: 'hello' });
    const died = async () => {
      clock.advance(store.inbox.leaseMs + 1);
      return (await store.inbox.leftover(1))[0]?.lease;
    };
    const leases = [];
    for (let lease = await died(); lease !== undefined && leases.length < 100; lease = await died()) leases.push(lease);
    // Leases of half a minute, for ten minutes.
    expect(leases.length).toBeGreaterThan(15);
    expect(leases.length).toBeLessThan(25);
    expect(leases.at(-1)).toMatchObject({ tries: leases.length + 1, failures: 0 });
    await store[Symbol.asyncDispose]();
  });

  it('is not taken over by anybody while its handler works, however long that takes', async () => {
    let begun = 0;
    let goOn = () => {};
    const handlers = (bot: Bot) =>
      bot.on('message', async ({ reply }) => {
        begun += 1;
        await new Promise<void>((resolve) => {
          goOn = resolve;
        });
        await reply('at last');
      });
    const { act, posts, bot, next, clock, store } = await durable(await fresh(), handlers);
    const other = next(handlers);
    const stopping = new AbortController();
    const working = [bot, other].map((one) => one.work(stopping.signal));
    await act({ do: 'say', text: 'hello' });
    const endAtMs = clock.now() + 90_000;
    await passing(clock, () => clock.now() >= endAtMs);
    goOn();
    await until(() => posts().length === 1);
    stopping.abort();
    await Promise.all(working);
    expect(begun).toBe(1);
    await store[Symbol.asyncDispose]();
  });

  it('answers an invoke that comes again as it did before, also after a restart', async () => {
    let asked = 0;
    const handlers = (bot: Bot) =>
      bot.on('invoke:task/fetch', () => ({ task: { type: 'message', value: `asked ${++asked}` } }));
    const { act, next, store } = await durable(await fresh(), handlers);
    const first = await act({ do: 'invoke', name: 'task/fetch' });
    next(handlers);
    const again = await act({ do: 'repeat', id: String(first[0]!.id) });
    expect(again).toEqual(first);
    expect(again).toMatchObject([{ status: 200, body: { task: { value: 'asked 1' } } }]);
    await store[Symbol.asyncDispose]();
  });

  it('answers nothing that it could not store', async () => {
    const { act, store } = await durable(await fresh(), (bot) => bot.on('message', () => {}));
    await store[Symbol.asyncDispose]();
    expect(await act({ do: 'say', text: 'hello' })).toMatchObject([{ status: 500 }]);
  });

  it('forgets what was over days ago, with what it had sent', async () => {
    const { act, posts, store, clock } = await durable(await fresh(), (bot) =>
      bot.on('message', ({ reply }) => reply('yes')),
    );
    const id = String((await act({ do: 'say', text: 'hello' }))[0]!.id);
    await until(() => posts().length === 1);
    await store.inbox.prune(clock.now());
    await act({ do: 'repeat', id });
    expect(posts().length).toBe(1);
    // Once its end is written.
    while (posts().length < 2) {
      await store.inbox.prune(clock.now() + 1);
      await act({ do: 'repeat', id });
    }
    await store[Symbol.asyncDispose]();
  });

  it('follows a conversation to another service URL, and nobody to a host of somebody else', async () => {
    const { act, posts, service, store, appId, url } = await durable(await fresh(), (bot) =>
      bot.on('message', ({ reply }) => reply('yes')),
    );
    const serviceUrl = async () => (await store.conversations.list(appId))[0]!.serviceUrl;
    expect(await serviceUrl()).toBe(`${url}/teams/`);
    await act({ do: 'move', region: 'emea' });
    await act({ do: 'say', text: 'hello' });
    await until(() => posts().length === 1);
    expect(await serviceUrl()).toBe(`${url}/emea/`);
    expect(service.ledger.at(-1)).toMatchObject({ operation: 'reply', region: 'emea', status: 201 });
    const hostile = 'https://smba.trafficmanager.net.evil.example/teams/';
    for (const signedFor of [undefined, hostile, url]) {
      const activity = { type: 'message', text: 'hello', serviceUrl: hostile };
      expect(await act({ do: 'activity', activity, signedFor })).toMatchObject([{ status: 403 }]);
    }
    expect(await serviceUrl()).toBe(`${url}/emea/`);
    await store[Symbol.asyncDispose]();
  });
});
