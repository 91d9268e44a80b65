import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isSluiceError } from '../../src/errors/sluice-error.ts';
import { type Duck, openDuck } from '../../src/lake/engine/duck.ts';
import type { LeaseHost } from '../../src/lake/log/lease-host.ts';
import { systemLeaseHost } from '../../src/lake/log/lease-host.ts';
import { readState } from '../../src/lake/log/log.ts';
import { queryLake } from '../../src/lake/query/query.ts';
import { memoryStore } from '../../src/lake/stores/memory.ts';
import type { ObjectStore } from '../../src/lake/stores/object-store.ts';
import { located, verifyFile } from '../../src/lake/tables/files.ts';
import type { Lake } from '../../src/lake/types.ts';
import { type Runtime, systemRuntime } from '../../src/runtime/runtime.ts';
import { literal } from '../../src/schema/sql.ts';
import { tables } from '../../src/tables/index.generated.ts';
import { message, messagesPage, openTestLake, reaction, temporaryFolder } from '../support/lake-pages.ts';

/** Every how many calls a run stands still, before one, after the next; 1 in a soak run. */
const EVERY = Number(process.env['SLUICE_PAUSE_EVERY'] ?? 9);
const HOUR_MS = 3_600_000;

const few = tables.filter(({ name }) => ['messages', 'message_reactions'].includes(name));

/** A host of its own, whose clock is wrong by `skewMs`, asking `hours` hours after the lake was begun. */
function host(hours: number, skewMs = 0): { host: LeaseHost; runtime: Runtime } {
  const real = systemLeaseHost();
  return {
    host: {
      ...real,
      process: { ...real.process, boot: 'one-kernel', pidSpace: randomUUID() },
      monotonicMs: () => real.monotonicMs() + hours * HOUR_MS,
    },
    runtime: { ...systemRuntime, now: () => Date.now() + hours * HOUR_MS + skewMs },
  };
}

async function withLakeAt<T>(
  store: ObjectStore,
  at: ReturnType<typeof host>,
  use: (lake: Lake) => Promise<T>,
): Promise<T> {
  const folder = temporaryFolder();
  await using lake = await openTestLake(folder, {
    store,
    tables: few,
    runtime: at.runtime,
    scratchDir: join(folder, 'scratch'),
    writer: { host: at.host },
  });
  return await use(lake);
}

/** A whole run: lands one message, shows it. */
const syncs = (id: string) => async (lake: Lake) => {
  const load = await lake.begin({ loadId: `run-${id}` });
  try {
    await load.append(messagesPage([message(id, { reactions: [reaction('like', `u${id}`)] })]));
    load.advance('channel_messages', id, { done: true });
    await load.close();
    await lake.publish();
  } catch (error) {
    await load.abandon();
    throw error;
  }
};

const compacts = async (lake: Lake) => {
  await lake.compact();
};

/** Stands still once, before or after the call with this number, until `meanwhile` has happened. */
function pausingStore(inner: ObjectStore, at: number, moment: 'before' | 'after', meanwhile: () => Promise<void>) {
  let calls = 0;
  let paused = false;
  const wrapped = Object.fromEntries(
    Object.entries(inner).map(([name, method]) => {
      if (typeof method !== 'function' || name === 'list') return [name, method];
      const call = async (...args: unknown[]) => {
        calls += 1;
        const mine = calls === at;
        paused ||= mine;
        if (mine && moment === 'before') await meanwhile();
        const answer = await (method as (...args: unknown[]) => unknown)(...args);
        if (mine && moment === 'after') await meanwhile();
        return answer;
      };
      return [name, call];
    }),
  );
  return { store: wrapped as unknown as ObjectStore, wasPaused: () => paused };
}

/** Everything that a lake promises, looked at from outside. */
async function expectWhole(store: ObjectStore, duck: Duck, ids: readonly string[]): Promise<void> {
  const state = await readState(store);
  for (const file of await located(store, [...state.files.values()])) await verifyFile(file);
  const { rows } = await queryLake({ store, tables: few, sql: 'SELECT id FROM messages ORDER BY id' });
  const landed = rows.map(([id]) => id);
  const done = [...state.positions.keys()].map((key) => key.split('/')[1]).sort();
  expect(landed).toEqual(done);
  expect(landed).toEqual(expect.arrayContaining([...ids]));
  const shown = async (table: string, column: string) => {
    const paths: string[] = [];
    for await (const { key } of store.list(`current/${table}/`)) paths.push(literal(await store.localPath(key)));
    const found = await duck.rows(`SELECT ${column} AS id FROM read_parquet([${paths.join(', ')}]) ORDER BY 1`);
    return found.map(({ id }) => id);
  };
  expect(await shown('messages', 'id')).toEqual(landed);
  expect(await shown('message_reactions', 'message_id')).toEqual(landed);
}

/** A lake of its own with what another one holds. */
async function copyOf(store: ObjectStore): Promise<ObjectStore> {
  const copy = memoryStore({ scratchDir: temporaryFolder() });
  for await (const { key } of store.list('')) await copy.put(key, (await store.get(key))!.bytes);
  return copy;
}

const neighbours: readonly [string, readonly ((lake: Lake) => Promise<void>)[], number][] = [
  ['another host compacts', [compacts], 0],
  ['another host syncs and compacts', [syncs('other'), compacts], 0],
  ['a host whose clock is two hours ahead compacts twice', [compacts, compacts], 2 * HOUR_MS],
  ['a host whose clock is two hours behind syncs', [syncs('other')], -2 * HOUR_MS],
];

describe('a run stands still for hours', { timeout: 600_000 }, () => {
  let duck: Duck;
  beforeAll(async () => {
    duck = await openDuck({ scratchDir: tmpdir() });
  });
  afterAll(() => duck.close());

  it.each(neighbours)('while %s: it is fenced off or its rows are there', async (_, works, skewMs) => {
    const begun = memoryStore({ scratchDir: temporaryFolder() });
    await withLakeAt(begun, host(0), syncs('first'));
    let fenced = 0;
    let wasPaused = true;
    for (let place = 0; wasPaused; place += 1) {
      const store = await copyOf(begun);
      const [at, moment] = [1 + place * EVERY, place % 2 === 0 ? 'before' : 'after'] as const;
      const paused = pausingStore(store, at, moment, async () => {
        for (const [hour, work] of works.entries()) await withLakeAt(store, host(1 + hour, skewMs), work);
      });
      const ended = await withLakeAt(paused.store, host(0), syncs('mine')).then(
        () => 'ok',
        (error: unknown) => (isSluiceError(error) ? error.code : String(error)),
      );
      if (ended !== 'ok') fenced += 1;
      expect(['ok', 'lake_conflict', 'lake_busy']).toContain(ended);
      await withLakeAt(store, host(5), syncs('last'));
      await withLakeAt(store, host(6), compacts);
      await expectWhole(store, duck, ['first', 'last', ...(ended === 'ok' ? ['mine'] : [])]);
      wasPaused = paused.wasPaused();
    }
    expect(fenced).toBeGreaterThan(1);
  });
});
