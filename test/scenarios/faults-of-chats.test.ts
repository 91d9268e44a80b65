import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { RunReport } from '../../src/sync/report.ts';
import { fastRuntime } from '../support/fast-runtime.ts';
import { allRows, ledgerRows, withFolder } from '../support/lake.ts';
import { runSync } from '../support/sync.ts';
import { startTwin, type TestTwin } from '../support/twin.ts';

// The table of `faults.test.ts` for what is below users: each kind once, on the ways that chats are read.

// Whole syncs: slow on a busy machine.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const names = ['chats', 'chat_members', 'chat_messages'];
const strategies = ['export', 'recent', 'delta'] as const;

interface Places {
  /** Somebody with a licence, and a chat of theirs. */
  readonly user: string;
  readonly chat: string;
}

interface Scenario {
  readonly name: string;
  readonly faults: (places: Places) => readonly object[];
  readonly by: (typeof strategies)[number];
  /** False: the strategy is the planner's choice, and others may stand in. */
  readonly isAsked?: boolean;
  readonly outcome: RunReport['outcome'];
  readonly codes?: readonly string[];
}

const everywhere = ['429', '503', 'reset', 'truncated-json', 'html', 'missing-value', 'duplicate-rows', 'empty-page'];
const ruleOf = (what: string) => {
  if (what === '429') return { kind: 'throttle', probability: 0.3 };
  return /^\d/.test(what)
    ? { kind: 'status', status: Number(what), probability: 0.15 }
    : { kind: what, probability: 0.15 };
};

const scenarios: readonly Scenario[] = [
  ...strategies.map((by, seed) => ({
    name: `all at once that retries get over (${everywhere.join(', ')})`,
    faults: () => everywhere.map((what) => ({ ...ruleOf(what), seed })),
    by,
    outcome: 'ok' as const,
  })),
  {
    name: 'pages of one message',
    faults: () => [{ kind: 'one-item-pages', probability: 0.5 }],
    by: 'export',
    outcome: 'ok',
  },
  { name: 'a token that expires', faults: () => [{ kind: 'token-expired', nth: [9] }], by: 'delta', outcome: 'ok' },
  {
    name: 'the export refused for one user: their chats are read one by one',
    faults: ({ user }) => [{ kind: 'forbidden', route: `/users/${user}/chats/getAllMessages` }],
    by: 'export',
    isAsked: false,
    outcome: 'ok',
  },
  {
    name: 'the list of one user refused',
    faults: ({ user }) => [{ kind: 'forbidden', route: `/users/${user}/chats` }],
    by: 'export',
    outcome: 'partial',
    codes: ['foreign_tenant'],
  },
  {
    name: 'a chat refused',
    faults: ({ chat }) => [{ kind: 'forbidden', route: `/chats/${chat}/**` }],
    by: 'recent',
    outcome: 'partial',
    codes: ['foreign_tenant'],
  },
  {
    name: '5xx without end for the list of one user',
    faults: ({ user }) => [{ kind: 'status', status: 503, route: `/users/${user}/chats` }],
    by: 'delta',
    outcome: 'partial',
    codes: ['service_error'],
  },
  {
    name: 'an export with a stray character',
    faults: ({ user }) => [{ kind: 'invalid-json', route: `/users/${user}/chats/getAllMessages` }],
    by: 'export',
    outcome: 'partial',
    codes: ['page_invalid'],
  },
  { name: '410 for delta tokens', faults: () => [{ kind: 'delta-gone' }], by: 'delta', outcome: 'ok' },
  { name: '400 for delta tokens', faults: () => [{ kind: 'delta-refused' }], by: 'delta', outcome: 'ok' },
  {
    name: 'the list of users fails without end',
    faults: () => [{ kind: 'status', status: 500, route: '/users' }],
    by: 'export',
    outcome: 'failed',
    codes: ['service_error'],
  },
];

const runtime = fastRuntime(40);
let twin: TestTwin;
let places: Places;
/** Lakes that were read before the tenant changed once more. */
let base: string;
let closeBase = (): void => undefined;

const read = (lake: string, strategy: string | undefined, maxRetries = 14) =>
  runSync({ env: twin.env, lake, runtime, strategy, tables: names, maxRetries });

beforeAll(async () => {
  const size = { teams: 1, channels: 1, messages: 1, users: 9, chats: 7, seed: 4, limits: 'none' } as const;
  twin = await startTwin(size, { runtime });
  const change = async () => {
    for (const { id: chatId } of await twin.ledger('chats')) {
      await twin.post('/events', [
        { type: 'postToChat', chatId },
        { type: 'editInChat', chatId },
      ]);
    }
    const events = ['addToChat', 'renameChat', 'createChat'];
    for (const type of events) await twin.post('/events', { type });
  };
  await new Promise<void>((ready, failed) => {
    withFolder(async (folder) => {
      base = folder;
      for (const strategy of strategies) await read(join(base, strategy), strategy);
      await change();
      const [member] = (await twin.ledger('chat_members')).filter(({ chat_id }) =>
        String(chat_id).includes('thread.v2'),
      );
      const chat = String(member!['chat_id']);
      // An id of a member is that of the chat and of the user.
      places = { chat, user: Buffer.from(String(member!['id']), 'base64').toString('utf8').split('##')[1]! };
      ready();
      await new Promise<void>((resolve) => {
        closeBase = resolve;
      });
    }).catch(failed);
  });
});
afterAll(async () => {
  closeBase();
  await twin.close();
});

const truth = async () =>
  Object.fromEntries(await Promise.all(names.map(async (name) => [name, ledgerRows(name, await twin.ledger(name))])));

describe('chats on a lake that has rows', () => {
  it.each(scenarios)('$name, by $by: $outcome', async ({ faults, by, isAsked, outcome, codes = [] }) => {
    await withFolder(async (lake) => {
      await cp(join(base, by), lake, { recursive: true });
      const before = await allRows(lake, names);
      for (const rule of faults(places)) await twin.post('/faults', rule);
      const report = await read(lake, isAsked === false ? undefined : by, outcome === 'ok' ? 14 : 2);
      const { faults: played } = await twin.get<{ faults: { hits: number }[] }>('/faults');
      await twin.delete('/faults');
      const found = [...report.skipped, ...report.gaps].map(({ code }) => code);
      const named = [...new Set([...found, ...(report.error ? [report.error.code] : [])])];
      expect({ outcome: report.outcome, named }, JSON.stringify(report)).toEqual({ outcome, named: codes });
      expect(played.reduce((sum, { hits }) => sum + hits, 0)).toBeGreaterThan(0);
      if (outcome !== 'ok') {
        // Nothing looks deleted that could not be read.
        const keys = (rows: readonly string[]) => rows.map((row) => row.replace(/(\|[\d-]*){2}$/, ''));
        const rows = await allRows(lake, names);
        for (const name of names) expect(keys(rows[name]!), name).toEqual(expect.arrayContaining(keys(before[name]!)));
        expect(await read(lake, by)).toMatchObject({ outcome: 'ok' });
      }
      expect(await allRows(lake, names)).toEqual(await truth());
    });
  });
});
