import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import type { GraphClient, Page, PageRequest } from '../../src/graph/types.ts';
import { openLake } from '../../src/lake/lake.ts';
import { fileStore } from '../../src/lake/stores/file.ts';
import type { Lake } from '../../src/lake/types.ts';
import type { TableShape } from '../../src/schema/column.ts';
import { estimateRun } from '../../src/sync/estimate.ts';
import type { SyncOptions } from '../../src/sync/options.ts';
import { sync } from '../../src/sync/run.ts';
import type { AskedNames } from '../../src/sync/scope.ts';
import { tables } from '../../src/tables/index.generated.ts';
import { noFiles, refusal } from '../support/fake-graph.ts';
import { BEGIN_MS, fastRuntime } from '../support/fast-runtime.ts';
import { ask, withFolder } from '../support/lake.ts';
import { withoutColumns } from '../support/older-release.ts';

vi.setConfig({ testTimeout: 120_000 });

const DAY_MS = 86_400_000;
/** Long before the clock of the tests begins. */
const CREATED = new Date(BEGIN_MS - 400 * DAY_MS).toISOString();
const names = ['chats', 'chat_members', 'chat_messages'];
const chosen = tables.filter(({ name }) => names.includes(name));

interface Message {
  readonly chatId: string;
  readonly id: string;
  modifiedMs: number;
}

/** Users and the chats that they list; a service that pages, filters and refuses. */
class Chats implements GraphClient {
  readonly file = noFiles;
  readonly stats = { requests: 0, throttled: 0, retried: 0, waitedMs: 0, stopped: false, byRoute: {} };
  readonly requests: string[] = [];
  readonly lists: Record<string, string[]> = { u1: ['one', 'many', 'left'], u2: ['one', 'many'], u3: ['many', 'own'] };
  readonly refused = new Set<string>();
  /** When a chat was renamed or its members changed. */
  readonly updatedMs: Record<string, number> = {};
  /** The tenant that hosts a chat; default: this one. */
  readonly hostedBy: Record<string, string> = {};
  pageSize = 2;
  refusesDelta = false;
  readonly messages: Message[] = [];
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  source = async () => ({ tenantId: 'home', cloud: 'twin' });
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
    if (user !== undefined && this.refused.has(user)) throw refusal(403, 'licence_missing', route);
    if (route.endsWith('/delta') && this.refusesDelta) throw refusal(400, 'delta_unsupported');
    const skip = Number(searchParams.get('skip') ?? 0);
    const all = this.#records(route, ids, searchParams);
    const isRoundOver = route.endsWith('/delta') && skip + this.pageSize >= all.length;
    const next = new URL(url, 'https://chats/');
    next.searchParams.set('skip', String(skip + this.pageSize));
    return {
      bytes: new TextEncoder().encode(JSON.stringify({ value: all.slice(skip, skip + this.pageSize) })),
      replyLinks: [],
      receivedAtMs: this.#now(),
      serviceTimeMs: this.#now(),
      ...(skip + this.pageSize < all.length && { nextLink: next.href }),
      ...(isRoundOver && { deltaLink: `https://chats/round?after=${this.#now()}` }),
    };
  }

  #records(route: string, ids: Readonly<Record<string, string>>, query: URLSearchParams): readonly object[] {
    const listed = this.lists[ids['user-id'] ?? ''] ?? [];
    if (route === '/users') return Object.keys(this.lists).map((id) => ({ id }));
    if (route === '/users/{user-id}/chats') {
      return listed.map((id) => {
        const updatedMs = this.updatedMs[id];
        const lastUpdatedDateTime = updatedMs === undefined ? CREATED : new Date(updatedMs).toISOString();
        const tenantId = this.hostedBy[id] ?? 'Home';
        return { id, tenantId, chatType: 'group', createdDateTime: CREATED, lastUpdatedDateTime };
      });
    }
    if (route === '/chats/{chat-id}/members') {
      const users = Object.entries(this.lists).filter(([, list]) => list.includes(ids['chat-id']!));
      return users.map(([id]) => ({ id: `m-${id}`, userId: id, roles: ['owner'] }));
    }
    const isExport = route.startsWith('/users/{user-id}/chats/getAllMessages');
    const filter = query.get('$filter') ?? '';
    // The service ignores a filter without the order of the same property.
    const isFiltered = isExport || query.get('$orderby') === 'lastModifiedDateTime desc';
    const token = query.get('after');
    const afterMs = Date.parse((isFiltered && /gt (\S+)/.exec(filter)?.[1]) || '0000-01-01T00:00:00Z');
    const after = token === null ? afterMs : Number(token);
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

interface RunOptions extends Partial<SyncOptions> {
  /** The tables as another release declares them. */
  readonly release?: readonly TableShape[];
}

async function world(
  play: (given: {
    readonly chats: Chats;
    readonly run: (strategy?: string, options?: RunOptions) => ReturnType<typeof sync>;
    readonly plan: (strategy?: string, scope?: AskedNames) => ReturnType<typeof estimateRun>;
    readonly rows: (sql: string) => Promise<string[]>;
    readonly landed: () => Promise<string[]>;
    readonly pass: (days?: number) => void;
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
    const opened = async <T>(use: (one: Lake) => Promise<T>, release: readonly TableShape[] = chosen) => {
      await using one = await openLake({
        store: fileStore(lake),
        tables: release,
        runtime,
        scratchDir: join(folder, 'scratch'),
      });
      return await use(one);
    };
    await play({
      chats,
      rows,
      landed: () => rows('SELECT chat_id, id, epoch_ms("lastModifiedDateTime") FROM chat_messages ORDER BY ALL'),
      run: (strategy, { release, ...options } = {}) =>
        opened(
          (one) => sync({ graph: chats, lake: one, tables: one.tables, runtime, strategy, ...options }, signal),
          release,
        ),
      plan: (strategy, scope) =>
        opened((one) => {
          const known = { graph: chats, tables: one.tables, runtime, positions: one.positions() };
          return estimateRun({ ...known, strategy, ...scope }, signal);
        }),
      pass: (days = 1) => {
        passedMs += days * DAY_MS;
      },
    });
  });
}

const lived = (chats: Chats): void => {
  for (const [index, chat] of ['one', 'many', 'own', 'left', 'many', 'one', 'many', 'many'].entries()) {
    chats.write(chat, (index + 1) * 37 * DAY_MS);
  }
};

it.each(['export', 'recent', 'delta', 'full'])(
  'every chat, member and message is landed once (%s)',
  async (strategy) => {
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
  },
);

it('a strategy goes on where another stopped', async () => {
  await world(async ({ chats, run, landed, pass }) => {
    lived(chats);
    for (const strategy of ['export', 'recent', 'delta', 'export', 'full', 'delta']) {
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

it('a user without a licence is named and fails nothing; chats that only this user listed stay, with all that is below them', async () => {
  await world(async ({ chats, run, rows, landed, pass }) => {
    lived(chats);
    await run();
    pass();
    chats.refused.add('u3');
    chats.lists['u1'] = ['one', 'many'];
    chats.write('many');
    const report = await run();
    expect(report).toMatchObject({ outcome: 'ok', skipped: [] });
    expect(new Set(report.absent.map(({ resource, partition }) => `${resource} ${partition}`))).toEqual(
      new Set(['chats u3', 'chat_members u3', 'chat_messages user:u3']),
    );
    expect(await rows('SELECT id FROM chats ORDER BY id')).toEqual(['many', 'one', 'own']);
    expect(await rows('SELECT DISTINCT chat_id FROM chat_members ORDER BY 1')).toEqual(['many', 'one', 'own']);
    expect(await landed()).toEqual(chats.truth());
  });
});

it('a run in which nobody has a licence is no good one', async () => {
  await world(async ({ chats, run }) => {
    for (const user of Object.keys(chats.lists)) chats.refused.add(user);
    expect(await run()).toMatchObject({ outcome: 'partial', skipped: [] });
  });
});

it('of a chat that another tenant hosts there is the row, and what is in it is not asked for', async () => {
  await world(async ({ chats, run, plan, rows, landed, pass }) => {
    lived(chats);
    chats.pageSize = 50;
    await run('recent');
    const before = await rows("SELECT userId FROM chat_members WHERE chat_id = 'many'");
    chats.hostedBy['many'] = 'elsewhere';
    const messages = await landed();
    for (const strategy of ['recent', 'export']) {
      pass();
      chats.write('one');
      const planned = await plan(strategy);
      chats.requests.length = 0;
      const report = await run(strategy);
      expect(report).toMatchObject({
        outcome: 'ok',
        skipped: [],
        absent: [{ resource: 'chats', partition: 'many', code: 'foreign_tenant' }],
      });
      expect(planned).toMatchObject({ absent: report.absent, requests: chats.requests.length });
      expect(chats.requests.filter((url) => url.includes('chats/many'))).toEqual([]);
    }
    // What was read while it was hosted here stays.
    expect(await rows("SELECT userId FROM chat_members WHERE chat_id = 'many'")).toEqual(before);
    expect((await landed()).filter((row) => messages.includes(row))).toEqual(messages);
    expect(await rows('SELECT id FROM chats ORDER BY id')).toEqual(['left', 'many', 'one', 'own']);
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

it.each(['export', 'recent', 'delta'])('the plan of an idle run is what it asks (%s)', async (strategy) => {
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

/** The chats whose members are asked for in a run. */
async function membersAsked(chats: Chats, run: () => Promise<unknown>): Promise<string[]> {
  chats.requests.length = 0;
  await run();
  return [...new Set(chats.requests.flatMap((url) => /chats\/(\w+)\/members/.exec(url)?.[1] ?? []))].sort();
}

it('the members of a chat are asked for when the chat says that it changed, and once a week all the same', async () => {
  await world(async ({ chats, run, rows, pass }) => {
    const all = ['left', 'many', 'one', 'own'];
    expect(await membersAsked(chats, run)).toEqual(all);
    pass();
    expect(await membersAsked(chats, run)).toEqual([]);
    chats.lists['u3'] = ['many', 'own', 'one'];
    chats.updatedMs['one'] = BEGIN_MS;
    expect(await membersAsked(chats, run)).toEqual(['one']);
    expect(await rows("SELECT userId FROM chat_members WHERE chat_id = 'one' ORDER BY 1")).toEqual(['u1', 'u2', 'u3']);
    pass(6);
    expect(await membersAsked(chats, run)).toEqual(['left', 'many', 'own']);
  });
});

it('members that were read shortly after a change are read once more', async () => {
  await world(async ({ chats, run, pass }) => {
    chats.updatedMs['one'] = BEGIN_MS;
    await run();
    expect(await membersAsked(chats, run)).toEqual(['one']);
    pass();
    expect(await membersAsked(chats, run)).toEqual(['one']);
    expect(await membersAsked(chats, run)).toEqual([]);
  });
});

it('a chat that is gone and comes back has its members again', async () => {
  await world(async ({ chats, run, rows, pass }) => {
    await run();
    chats.lists['u1'] = ['one', 'many'];
    pass();
    await run();
    expect(await rows("SELECT userId FROM chat_members WHERE chat_id = 'left'")).toEqual([]);
    chats.lists['u1'] = ['one', 'many', 'left'];
    await run();
    expect(await rows("SELECT userId FROM chat_members WHERE chat_id = 'left'")).toEqual(['u1']);
  });
});

it('members are asked for again when a column of theirs is new, and when they are put back', async () => {
  await world(async ({ chats, run, pass }) => {
    await run(undefined, { release: withoutColumns('chat_members', ['email']) });
    pass();
    expect(await membersAsked(chats, run)).toHaveLength(4);
    expect(await membersAsked(chats, run)).toEqual([]);
    const again = [{ resource: 'chat_members' }];
    expect(await membersAsked(chats, () => run(undefined, { again }))).toHaveLength(4);
    expect(await membersAsked(chats, run)).toEqual([]);
  });
});

it.each(['export', 'recent', 'delta'])('the plan of lists that many share is what they take (%s)', async (strategy) => {
  await world(async ({ chats, run, plan, pass }) => {
    chats.pageSize = 50;
    for (let user = 4; user <= 30; user++) chats.lists[`u${user}`] = ['many', 'one', `own${user % 9}`];
    for (const days of [1, 1]) {
      const planned = await plan(strategy);
      chats.requests.length = 0;
      await run(strategy);
      expect(planned).toMatchObject({ records: { users: 30, chats: 13 }, requests: chats.requests.length });
      pass(days);
    }
  });
});

it('a run of some users or some chats asks for theirs only, and names what is in no list', async () => {
  await world(async ({ chats, run, plan, landed }) => {
    chats.pageSize = 50;
    lived(chats);
    const ofUser = await run(undefined, { users: ['u3'] });
    expect(ofUser.outcome).toBe('ok');
    expect(chats.requests.filter((url) => /u[12]\b/.test(url))).toEqual([]);
    expect(await landed()).toEqual(chats.truth().filter((row) => /^(many|own) /.test(row)));
    const scope = { chats: ['left'], users: ['u1'] };
    const planned = await plan(undefined, scope);
    chats.requests.length = 0;
    expect(await run(undefined, scope)).toMatchObject({ outcome: 'ok', strategies: { chat_messages: 'recent' } });
    expect(planned.requests).toBe(chats.requests.length);
    expect(chats.requests.filter((url) => /chats\/(many|one|own)/.test(url))).toEqual([]);
    const unknown = await run(undefined, { chats: ['nobodys'] });
    expect(unknown).toMatchObject({ outcome: 'partial', skipped: [{ partition: 'nobodys', code: 'chat_not_found' }] });
  });
});
