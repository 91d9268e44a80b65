import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import type { GraphClient, Page, PageRequest } from '../../src/graph/types.ts';
import { openLake } from '../../src/lake/lake.ts';
import { fileStore } from '../../src/lake/stores/file.ts';
import { estimateRun } from '../../src/sync/estimate.ts';
import { sync } from '../../src/sync/run.ts';
import { tables } from '../../src/tables/index.generated.ts';
import { refusal } from '../support/fake-graph.ts';
import { fastRuntime } from '../support/fast-runtime.ts';
import { ask, withFolder } from '../support/lake.ts';

vi.setConfig({ testTimeout: 120_000 });

const DAY_MS = 86_400_000;
const chosen = tables.filter(({ name }) => ['chats', 'chat_members', 'chat_messages'].includes(name));

interface Message {
  readonly chatId: string;
  readonly id: string;
  modifiedMs: number;
}

/** Users and the chats that they list; a service that pages, filters and refuses. */
class Chats implements GraphClient {
  readonly stats = { requests: 0, throttled: 0, retried: 0, waitedMs: 0, stopped: false, byRoute: {} };
  readonly requests: string[] = [];
  readonly lists: Record<string, string[]> = { u1: ['one', 'many', 'left'], u2: ['one', 'many'], u3: ['many', 'own'] };
  readonly refused = new Set<string>();
  pageSize = 2;
  readonly messages: Message[] = [];
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  permissions = async () => new Set(['User.Read.All', 'Chat.Read.All']);
  close = async () => {};

  write(chatId: string, ageMs = 0): void {
    const modifiedMs = this.#now() - ageMs;
    this.messages.push({ chatId, id: String(1_700_000_000_000 + this.messages.length), modifiedMs });
  }

  async page({ url, route, ids = {} }: PageRequest): Promise<Page> {
    this.stats.requests += 1;
    this.requests.push(decodeURIComponent(url));
    const { searchParams } = new URL(url, 'https://chats/');
    const user = ids['user-id'];
    if (user !== undefined && this.refused.has(user)) throw refusal(403, 'licence_missing');
    const skip = Number(searchParams.get('skip') ?? 0);
    const all = this.#records(route, ids, searchParams);
    const next = new URL(url, 'https://chats/');
    next.searchParams.set('skip', String(skip + this.pageSize));
    return {
      bytes: new TextEncoder().encode(JSON.stringify({ value: all.slice(skip, skip + this.pageSize) })),
      replyLinks: [],
      receivedAtMs: this.#now(),
      serviceTimeMs: this.#now(),
      ...(skip + this.pageSize < all.length && { nextLink: next.href }),
    };
  }

  #records(route: string, ids: Readonly<Record<string, string>>, query: URLSearchParams): readonly object[] {
    const listed = this.lists[ids['user-id'] ?? ''] ?? [];
    if (route === '/users') return Object.keys(this.lists).map((id) => ({ id }));
    if (route === '/users/{user-id}/chats') {
      const createdDateTime = new Date(this.#now() - 400 * DAY_MS).toISOString();
      return listed.map((id) => ({ id, chatType: 'group', createdDateTime }));
    }
    if (route === '/chats/{chat-id}/members') {
      const users = Object.entries(this.lists).filter(([, list]) => list.includes(ids['chat-id']!));
      return users.map(([id]) => ({ id: `m-${id}`, userId: id, roles: ['owner'] }));
    }
    const isExport = route === '/users/{user-id}/chats/getAllMessages';
    const filter = query.get('$filter') ?? '';
    // The service ignores a filter without the order of the same property.
    const isFiltered = isExport || query.get('$orderby') === 'lastModifiedDateTime desc';
    const after = Date.parse((isFiltered && /gt (\S+)/.exec(filter)?.[1]) || '0000-01-01T00:00:00Z');
    const before = Date.parse((isFiltered && /lt (\S+)/.exec(filter)?.[1]) || '9999-12-31T00:00:00Z');
    return this.messages
      .filter(({ chatId }) => (isExport ? listed.includes(chatId) : chatId === ids['chat-id']))
      .filter(({ modifiedMs }) => modifiedMs > after && modifiedMs < before)
      .toSorted((a, b) => b.modifiedMs - a.modifiedMs)
      .map(({ chatId, id, modifiedMs }) => {
        const at = new Date(modifiedMs).toISOString();
        return { chatId, id, replyToId: null, createdDateTime: at, lastModifiedDateTime: at, body: { content: id } };
      });
  }

  truth(): string[] {
    return this.messages.map(({ chatId, id, modifiedMs }) => `${chatId} ${id} ${modifiedMs}`).sort();
  }
}

async function world(
  play: (given: {
    readonly chats: Chats;
    readonly run: (strategy?: string) => ReturnType<typeof sync>;
    readonly plan: (strategy?: string) => ReturnType<typeof estimateRun>;
    readonly rows: (sql: string) => Promise<string[]>;
    readonly landed: () => Promise<string[]>;
    readonly pass: () => void;
  }) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    const fast = fastRuntime(1);
    let passedMs = 0;
    const runtime = { ...fast, now: () => fast.now() + passedMs };
    const chats = new Chats(runtime.now);
    const lake = join(folder, 'lake');
    const { signal } = new AbortController();
    const rows = async (sql: string) => (await ask(lake, sql)).map((row) => row.map(String).join(' '));
    const opened = async <T>(use: (one: Awaited<ReturnType<typeof openLake>>) => Promise<T>) => {
      await using one = await openLake({
        store: fileStore(lake),
        tables,
        runtime,
        scratchDir: join(folder, 'scratch'),
      });
      return await use(one);
    };
    await play({
      chats,
      rows,
      landed: () => rows('SELECT chat_id, id, epoch_ms("lastModifiedDateTime") FROM chat_messages ORDER BY ALL'),
      run: (strategy) => opened((one) => sync({ graph: chats, lake: one, tables: chosen, runtime, strategy }, signal)),
      plan: (strategy) =>
        opened((one) =>
          estimateRun({ graph: chats, tables: chosen, runtime, positions: one.positions(), strategy }, signal),
        ),
      pass: () => {
        passedMs += DAY_MS;
      },
    });
  });
}

const lived = (chats: Chats): void => {
  for (const [index, chat] of ['one', 'many', 'own', 'left', 'many', 'one', 'many', 'many'].entries()) {
    chats.write(chat, (index + 1) * 37 * DAY_MS);
  }
};

it.each(['export', 'recent', 'full'])('every chat, member and message is landed once (%s)', async (strategy) => {
  await world(async ({ chats, run, rows, landed, pass }) => {
    lived(chats);
    expect(await run(strategy)).toMatchObject({ outcome: 'ok', tables: { chat_messages: { rows: 8 } } });
    expect(await rows('SELECT id FROM chats ORDER BY id')).toEqual(['left', 'many', 'one', 'own']);
    expect(await rows('SELECT chat_id, userId FROM chat_members ORDER BY ALL')).toEqual([
      'left u1',
      'many u1',
      'many u2',
      'many u3',
      'one u1',
      'one u2',
      'own u3',
    ]);
    expect(await landed()).toEqual(chats.truth());
    pass();
    chats.write('many');
    chats.messages[0]!.modifiedMs = chats.messages.at(-1)!.modifiedMs;
    expect(await run(strategy)).toMatchObject({ outcome: 'ok', tables: { chat_messages: { rows: 2 } } });
    expect(await landed()).toEqual(chats.truth());
  });
});

it('a strategy goes on where another stopped', async () => {
  await world(async ({ chats, run, landed, pass }) => {
    lived(chats);
    for (const strategy of ['export', 'recent', 'export', 'full', 'export']) {
      expect(await run(strategy), strategy).toMatchObject({ outcome: 'ok' });
      expect(await landed(), strategy).toEqual(chats.truth());
      pass();
      chats.write('one');
      chats.write('own');
    }
  });
});

it('lists of an idle chat are asked only for what changed, with the order that the filter needs', async () => {
  await world(async ({ chats, run, pass }) => {
    lived(chats);
    await run('recent');
    pass();
    chats.requests.length = 0;
    await run('recent');
    const asked = chats.requests.filter((url) => url.includes('/messages'));
    expect(asked).toHaveLength(4);
    for (const url of asked) expect(url).toMatch(/orderby=lastModifiedDateTime desc&\$filter=lastModifiedDateTime gt /);
  });
});

it('a user who is refused is named; chats that only this user listed stay, with all that is below them', async () => {
  await world(async ({ chats, run, rows, landed, pass }) => {
    lived(chats);
    await run();
    pass();
    chats.refused.add('u3');
    chats.lists['u1'] = ['one', 'many'];
    chats.write('many');
    const report = await run();
    expect(report.outcome).toBe('partial');
    expect(new Set(report.skipped.map(({ resource, partition }) => `${resource} ${partition}`))).toEqual(
      new Set(['chats u3', 'chat_members u3', 'chat_messages u3']),
    );
    expect(await rows('SELECT id FROM chats ORDER BY id')).toEqual(['many', 'one', 'own']);
    expect(await rows('SELECT DISTINCT chat_id FROM chat_members ORDER BY 1')).toEqual(['many', 'one', 'own']);
    expect(await landed()).toEqual(chats.truth());
  });
});

it('a list that says nothing any more is not believed: its chats stay', async () => {
  await world(async ({ chats, run, rows, pass }) => {
    await run();
    pass();
    chats.lists['u3'] = [];
    const report = await run();
    expect(report.skipped).toMatchObject([{ resource: 'chats', partition: 'u3', code: 'listing_shrank' }]);
    expect(await rows('SELECT id FROM chats ORDER BY id')).toEqual(['left', 'many', 'one', 'own']);
  });
});

it.each(['export', 'recent'])('the plan of an idle run is what it asks (%s)', async (strategy) => {
  await world(async ({ chats, run, plan, pass }) => {
    chats.pageSize = 50;
    lived(chats);
    await run(strategy);
    pass();
    await run(strategy);
    const planned = await plan(strategy);
    chats.requests.length = 0;
    await run(strategy);
    expect(planned.skipped).toEqual([]);
    expect(planned.requests).toBe(chats.requests.length);
  });
});
