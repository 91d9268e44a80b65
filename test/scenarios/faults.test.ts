import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { faultKinds } from '../../src/simulator/faults/fault-kinds.ts';
import type { RunReport, SkippedPartition } from '../../src/sync/report.ts';
import { fastRuntime } from '../support/fast-runtime.ts';
import { startServer, type TestServer } from '../support/http-server.ts';
import { allRows, allTruth, withFolder } from '../support/lake.ts';
import { runSync } from '../support/sync.ts';
import { startTwin, type TestTwin } from '../support/twin.ts';

// Whole syncs: slow on a busy machine.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

type Rule = Readonly<Record<string, unknown>>;

/** One fault, and what a run under it must come to. */
interface Scenario {
  readonly name: string;
  readonly faults: (places: Places) => readonly Rule[];
  readonly strategy?: 'export' | 'recent' | 'delta';
  readonly timeoutMs?: number;
  readonly outcome: RunReport['outcome'];
  /** Codes of everything that was skipped, or of the error of a failed run. */
  readonly codes?: readonly string[];
  /** Why something was read another way. */
  readonly fallbacks?: readonly string[];
}

interface Places {
  readonly team: string;
  readonly channel: string;
  readonly canary: string;
}

/** So many that chance does not spend them on one request. */
const PATIENCE = { maxRetries: 14 };

const runtime = fastRuntime(40);
let twin: TestTwin;
let canary: TestServer;
let places: Places;
/** A lake that was synced before the tenant changed once more. */
let base: string;
let closeBase: () => void;

beforeAll(async () => {
  twin = await startTwin({ teams: 2, channels: 2, messages: 110, users: 20, seed: 5, limits: 'none' }, { runtime });
  canary = await startServer((_, response) => response.writeHead(200).end('{"value":[]}'));
  const [channel] = await twin.ledger('channels');
  places = { team: String(channel!['team_id']), channel: String(channel!['id']), canary: new URL(canary.url).host };
  await new Promise<void>((ready, failed) => {
    const hold = new Promise<void>((resolve) => {
      closeBase = resolve;
    });
    withFolder(async (folder) => {
      base = folder;
      for (const strategy of ['export', 'delta']) {
        await runSync({ env: twin.env, lake: join(base, strategy), runtime, strategy });
      }
      const channels = await twin.ledger('channels');
      await twin.post(
        '/events',
        channels.flatMap(({ id }) => ['post', 'reply', 'edit', 'delete'].map((type) => ({ type, channelId: id }))),
      );
      ready();
      await hold;
    }).catch(failed);
  });
});

afterAll(async () => {
  closeBase();
  await Promise.all([twin.close(), canary.close()]);
});

const messages = '/teams/{id}/channels/**';
const one = (rule: Rule) => () => [rule];

/** Each of several faults at moments of its own, so that one load meets all of them. */
const inTurn = (rules: readonly Rule[]) => () =>
  rules.map((rule, at) => ({ ...rule, nth: [2, 9, 16].map((nth) => nth + at) }));

/** Faults that retries, a fallback or a fresh read get over within the run. */
const overcome: readonly Scenario[] = [
  ...([2, 'none'] as const).map((retryAfter) => ({
    name: `a storm of 429, Retry-After ${retryAfter}`,
    faults: one({ kind: 'throttle', probability: 0.4, retryAfter }),
    outcome: 'ok' as const,
  })),
  {
    name: '429 with Retry-After in every other form',
    faults: inTurn(
      [
        { retryAfter: 0.5 },
        { retryAfter: 0 },
        { retryAfter: 2, retryAfterAs: 'date' },
        { retryAfter: 1, retryAfterAs: 'milliseconds' },
      ].map((form) => ({ kind: 'throttle', ...form })),
    ),
    outcome: 'ok',
  },
  { name: 'a storm of 503', faults: one({ kind: 'status', status: 503, probability: 0.2 }), outcome: 'ok' },
  {
    name: 'answers with 500, 502, 504, 509 and 408, and 503 with Retry-After',
    faults: inTurn([
      ...[500, 502, 504, 509, 408].map((status) => ({ kind: 'status', status })),
      { kind: 'status', retryAfter: 1 },
    ]),
    outcome: 'ok',
  },
  {
    name: 'answers that break off, are cut, slow, or something else',
    faults: inTurn(
      ['reset', 'cut-off', 'wrong-length', 'truncated-json', 'html', 'missing-value', 'slow'].map((kind) => ({ kind })),
    ),
    outcome: 'ok',
  },
  {
    name: 'no answer, and a late one, beyond the time limit',
    faults: inTurn(['hang', 'answered-late'].map((kind) => ({ kind }))),
    timeoutMs: 40_000,
    outcome: 'ok',
  },
  ...(['export', 'recent'] as const).map((strategy) => ({
    name: `pages of one row, and rows that come twice (${strategy})`,
    faults: () => ['one-item-pages', 'duplicate-rows'].map((kind) => ({ kind, probability: 0.4 })),
    strategy,
    outcome: 'ok' as const,
  })),
  { name: 'empty pages in between', faults: one({ kind: 'empty-page', probability: 0.3 }), outcome: 'ok' },
  { name: '401 for a good token', faults: one({ kind: 'unauthorized', nth: [4, 12] }), outcome: 'ok' },
  { name: 'a token that expires in the middle', faults: one({ kind: 'token-expired', nth: [6] }), outcome: 'ok' },
  { name: 'a login service that stumbles', faults: one({ kind: 'token-failure', times: 2 }), outcome: 'ok' },
  {
    name: 'getAllMessages refused for one team: its channels are read one by one',
    faults: ({ team }) => [{ kind: 'forbidden', route: `/teams/${team}/channels/getAllMessages` }],
    outcome: 'ok',
  },
];

/** Faults that cost a partition this time. */
const partial: readonly Scenario[] = [
  {
    name: 'a page that leads to itself',
    faults: one({ kind: 'page-loop', route: messages }),
    outcome: 'partial',
    codes: ['page_loop'],
  },
  {
    name: 'two pages that lead to each other',
    faults: one({ kind: 'page-loop-pair', route: messages }),
    strategy: 'recent',
    outcome: 'partial',
    codes: ['page_loop'],
  },
  {
    name: 'JSON with a stray character',
    faults: ({ team }) => [{ kind: 'invalid-json', route: `/teams/${team}/**` }],
    outcome: 'partial',
    codes: ['page_invalid'],
  },
  {
    name: 'a link to another host',
    faults: ({ canary: host }) => [{ kind: 'foreign-link', route: messages, host }],
    outcome: 'partial',
    codes: ['foreign_link'],
  },
  {
    name: '403 on one channel',
    faults: ({ team, channel }) => [{ kind: 'forbidden', route: `/teams/${team}/channels/${channel}/messages` }],
    strategy: 'recent',
    outcome: 'partial',
    codes: ['foreign_tenant'],
  },
  {
    name: '403 on one team',
    faults: ({ team }) => [
      { kind: 'forbidden', route: `/teams/${team}` },
      { kind: 'forbidden', route: `/teams/${team}/**` },
    ],
    outcome: 'partial',
    codes: ['foreign_tenant'],
  },
  {
    name: 'a team gone in the middle of its listing',
    faults: ({ team }) => [{ kind: 'team-gone', route: `/teams/${team}/channels/**` }],
    outcome: 'partial',
    codes: ['not_found'],
  },
  {
    name: '5xx that does not end, for one team',
    faults: ({ team }) => [{ kind: 'status', status: 503, route: `/teams/${team}/members` }],
    outcome: 'partial',
    codes: ['service_error'],
  },
  {
    name: 'tokens refused without end, for one team',
    faults: ({ team }) => [{ kind: 'unauthorized', route: `/teams/${team}/members` }],
    outcome: 'partial',
    codes: ['token_rejected'],
  },
];

/** Faults of delta links: they need a lake that has some. */
const ofDelta: readonly Scenario[] = [
  { name: '410 for delta tokens', faults: one({ kind: 'delta-gone' }), outcome: 'ok' },
  { name: '400 for delta tokens', faults: one({ kind: 'delta-refused' }), outcome: 'ok' },
  {
    name: 'a delta page with both links: the list is read beside it',
    faults: one({ kind: 'both-links', route: '/teams/{id}/channels/{id}/messages/**' }),
    outcome: 'ok',
    fallbacks: ['page_links'],
  },
  {
    name: 'a delta page without a link: the list is read beside it',
    faults: one({ kind: 'no-link', route: '/teams/{id}/channels/{id}/messages/**' }),
    outcome: 'ok',
    fallbacks: ['page_links'],
  },
].map((scenario) => ({ ...scenario, strategy: 'delta' }) as Scenario);

/** Faults of what much else hangs on: it is named, and what does not is read. Only where all of it fails the run does. */
const failed: readonly Scenario[] = [
  {
    name: 'the list of teams fails without end',
    faults: one({ kind: 'status', status: 500, route: '/teams' }),
    outcome: 'partial',
    codes: ['service_error'],
  },
  {
    name: 'the list of teams is no JSON',
    faults: one({ kind: 'invalid-json', route: '/teams' }),
    outcome: 'partial',
    codes: ['page_invalid'],
  },
  {
    name: 'the lists of teams and of users fail without end',
    faults: () => ['/teams', '/users'].map((route) => ({ kind: 'status', status: 500, route })),
    outcome: 'failed',
    codes: ['service_error'],
  },
];

/** What was not read, wholly or in part. */
const unreadOf = ({ skipped, gaps }: RunReport): readonly Pick<SkippedPartition, 'partition' | 'code'>[] => [
  ...skipped,
  ...gaps,
];

const codesOf = (report: RunReport) => [
  ...new Set([...unreadOf(report).map(({ code }) => code), ...(report.error ? [report.error.code] : [])]),
];

/** What a partition is about: a tenant-wide list, a team, or one channel. */
function touches({ partition }: Pick<SkippedPartition, 'partition'>, row: string): boolean {
  const ids = partition.replace(/^(team|channel):/, '').split('/');
  return partition === 'tenant' || row.startsWith(ids.join('|')) || row.startsWith(`${ids.join('|')}|`);
}

const keyOf = (row: string) => row.replace(/(\|[\d-]*){2}$/, '');

type Rows = Readonly<Record<string, string[]>>;

/** Rows that were not read stand as before or newer; nothing is missing, nothing looks deleted that is not. */
async function expectWhole(lake: string, before: Rows, report: RunReport): Promise<void> {
  const [rows, truth] = [await allRows(lake), await allTruth(twin.ledger)];
  for (const [table, found] of Object.entries(rows)) {
    const isSkipped = (row: string) => report.outcome === 'failed' || unreadOf(report).some((one) => touches(one, row));
    const settled = (list: readonly string[]) => list.filter((row) => !isSkipped(row));
    expect(settled(found), table).toEqual(settled(truth[table]!));
    const valid = new Set([...truth[table]!, ...(before[table] ?? [])]);
    expect(
      found.filter((row) => !valid.has(row)),
      `${table}: only rows of the tenant`,
    ).toEqual([]);
    if (table.startsWith('message_') && table !== 'message_replies') continue;
    const keys = new Set(found.map(keyOf));
    expect(
      (before[table] ?? []).map(keyOf).filter((key) => !keys.has(key)),
      `${table}: nothing lost`,
    ).toEqual([]);
  }
}

async function play(scenario: Scenario, lake: string, before: Rows): Promise<void> {
  for (const rule of scenario.faults(places)) await twin.post('/faults', rule);
  const call = { env: twin.env, lake, runtime, ...(scenario.strategy && { strategy: scenario.strategy }) };
  const report = await runSync({
    ...call,
    ...(scenario.timeoutMs && { timeoutMs: scenario.timeoutMs }),
    ...(scenario.outcome === 'ok' && PATIENCE),
  });
  const { faults } = await twin.get<{ faults: { hits: number }[] }>('/faults');
  await twin.delete('/faults');
  expect({ outcome: report.outcome, codes: codesOf(report) }, JSON.stringify(report)).toEqual({
    outcome: scenario.outcome,
    codes: scenario.codes ?? [],
  });
  if (scenario.fallbacks) expect([...new Set(report.fallbacks.map(({ code }) => code))]).toEqual(scenario.fallbacks);
  for (const { hits } of faults) expect(hits, 'the fault came about').toBeGreaterThan(0);
  await expectWhole(lake, before, report);
  if (report.outcome === 'ok') return;
  const calm = await runSync(call);
  expect(calm.outcome, JSON.stringify(calm)).toBe('ok');
  expect(await allRows(lake)).toEqual(await allTruth(twin.ledger));
}

const onEmpty = [...overcome, ...partial, ...failed];

describe('a first load', () => {
  it.each(onEmpty)('$name: $outcome', async (scenario) => {
    await withFolder(async (lake) => play(scenario, lake, {}));
  });
});

describe('a run on a lake that has rows', () => {
  it.each([...partial.filter(({ name }) => !/page|host/.test(name)), ...failed, ...ofDelta])(
    '$name: $outcome',
    async (scenario) => {
      await withFolder(async (lake) => {
        await cp(join(base, scenario.strategy === 'delta' ? 'delta' : 'export'), lake, { recursive: true });
        await play(scenario, lake, await allRows(lake));
      });
    },
  );
});

it('no token, no request at all goes to another host', () => {
  expect(canary.requests).toEqual([]);
});

/** Faults that are bound to a page or a record: `reading-cases.test.ts` plays them, over several runs. */
const playedInCases = ['answer', 'edit', 'empty-listing', 'shrunken-listing', 'unlisted-record'];

it('every fault of the twin has a scenario', () => {
  const played = [...onEmpty, ...ofDelta].flatMap(({ faults }) => faults(places)).map(({ kind }) => String(kind));
  expect(Object.keys(faultKinds).filter((kind) => ![...played, ...playedInCases].includes(kind))).toEqual([]);
});
