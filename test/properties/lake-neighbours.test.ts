import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isSluiceError } from '../../src/errors/sluice-error.ts';
import type { LeaseHost } from '../../src/lake/log/lease-host.ts';
import { systemLeaseHost } from '../../src/lake/log/lease-host.ts';
import { readState } from '../../src/lake/log/log.ts';
import { fileStore } from '../../src/lake/stores/file.ts';
import type { ObjectStore } from '../../src/lake/stores/object-store.ts';
import { located, verifyFile } from '../../src/lake/tables/files.ts';
import type { Lake } from '../../src/lake/types.ts';
import { type Runtime, systemRuntime } from '../../src/runtime/runtime.ts';
import { tables } from '../../src/tables/index.generated.ts';
import {
  message,
  messagesPage,
  openTestLake,
  reaction,
  rowsElsewhere,
  rowsOf,
  temporaryFolder,
} from '../support/lake-pages.ts';

/** Every how many calls a run stands still; 1 in a soak run. */
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
  folder: string,
  at: ReturnType<typeof host>,
  use: (lake: Lake) => Promise<T>,
  store: ObjectStore = fileStore(join(folder, 'lake')),
): Promise<T> {
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
async function expectWhole(folder: string, ids: readonly string[]): Promise<void> {
  const store = fileStore(join(folder, 'lake'));
  const state = await readState(store);
  for (const file of await located(store, [...state.files.values()])) await verifyFile(file);
  const landed = (await rowsOf(folder, 'SELECT id FROM messages ORDER BY id')).map(({ id }) => id);
  const done = [...state.positions.keys()].map((key) => key.split('/')[1]).sort();
  expect(landed).toEqual(done);
  expect(landed).toEqual(expect.arrayContaining([...ids]));
  const shown = await rowsElsewhere(`SELECT id FROM '${folder}/lake/current/messages/*.parquet' ORDER BY id`);
  expect(shown.map(({ id }) => id)).toEqual(landed);
  const liked = await rowsElsewhere(
    `SELECT message_id AS id FROM '${folder}/lake/current/message_reactions/*.parquet' ORDER BY 1`,
  );
  expect(liked.map(({ id }) => id)).toEqual(landed);
}

const neighbours: readonly [string, readonly ((lake: Lake) => Promise<void>)[], number][] = [
  ['another host compacts', [compacts], 0],
  ['another host syncs and compacts', [syncs('other'), compacts], 0],
  ['a host whose clock is two hours ahead compacts twice', [compacts, compacts], 2 * HOUR_MS],
  ['a host whose clock is two hours behind syncs', [syncs('other')], -2 * HOUR_MS],
];

describe.each(neighbours)('a run stands still for hours while %s', (_, works, skewMs) => {
  it.each(['before', 'after'] as const)(
    '%s any of its calls: it is fenced off or its rows are there',
    { timeout: 600_000 },
    async (moment) => {
      let fenced = 0;
      for (let at = 1; ; at += EVERY) {
        const folder = temporaryFolder();
        await withLakeAt(folder, host(0), syncs('first'));
        const paused = pausingStore(fileStore(join(folder, 'lake')), at, moment, async () => {
          for (const [place, work] of works.entries()) await withLakeAt(folder, host(1 + place, skewMs), work);
        });
        const ended = await withLakeAt(folder, host(0), syncs('mine'), paused.store).then(
          () => 'ok',
          (error: unknown) => (isSluiceError(error) ? error.code : String(error)),
        );
        if (ended !== 'ok') fenced += 1;
        expect(['ok', 'lake_conflict', 'lake_busy']).toContain(ended);
        await withLakeAt(folder, host(5), syncs('last'));
        await withLakeAt(folder, host(6), compacts);
        await expectWhole(folder, ['first', 'last', ...(ended === 'ok' ? ['mine'] : [])]);
        if (!paused.wasPaused()) break;
      }
      expect(fenced).toBeGreaterThan(1);
    },
  );
});
