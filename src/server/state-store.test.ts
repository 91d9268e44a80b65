import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterEach, expect, it } from 'vitest';
import { postgresAvailable, startPostgres } from '../../test/postgres.ts';
import { alert } from '../../test/router/support.ts';
import { connect } from '../outbox/database.ts';
import type { Silence } from '../router/silences.ts';
import type { StateChange } from '../router/state-change.ts';
import { TrackedMap } from '../router/tracked-map.ts';
import { systemRuntime } from '../runtime/runtime.ts';
import { StateStore, sharedIdentityKey } from './state-store.ts';

const { db } = connect('sqlite::memory:');
afterEach(async () => {
  await db.schema.dropTable('sender_state').ifExists().execute();
  await db.schema.dropTable('sender_entries').ifExists().execute();
});

/** A source whose rows are those of a map; counts what it was asked for. */
function sourceOf() {
  const rows = new TrackedMap<Silence>();
  return {
    rows,
    changes: (): StateChange[] => rows.changes().map((change) => ({ kind: 'silence', ...change })),
    commit: () => rows.commit(),
    rollback: () => rows.rollback(),
  };
}

const silence = (id: string): Silence => ({
  id,
  tenant: 't',
  matchers: [],
  startsAt: 0,
  endsAt: 1,
  createdBy: 'ann',
  comment: '',
});

const open = (name: string, start: Parameters<typeof StateStore.open>[1], database = db) =>
  StateStore.open({ database, name, runtime: systemRuntime }, start);

it('gives back what was stored, row by row, and fences whoever read it before', async () => {
  const source = sourceOf();
  const store = await open('one', (stored) => {
    expect(stored).toEqual({ router: { groups: [], sources: [], forwarded: [] }, silences: [] });
    return source;
  });
  await store.change(() => {
    source.rows.set('1', silence('1'));
    source.rows.set('2', silence('2'));
    return { value: undefined };
  });
  expect(source.changes()).toEqual([]);
  await store.change(() => {
    source.rows.delete('1');
    return { value: undefined };
  });
  const second = await open('one', (stored) => {
    expect(stored).toMatchObject({ silences: [silence('2')] });
    return sourceOf();
  });
  await store.save();
  await expect(second.save()).rejects.toMatchObject({ code: 'state_taken' });
  const third = await open('one', () => sourceOf());
  await third.save();
  await expect(store.save()).rejects.toMatchObject({ code: 'state_taken' });
});

it('makes a change that cannot be stored never made, and goes on with the next', async () => {
  const source = sourceOf();
  const store = await open('one', () => source);
  const failing = store.change(() => {
    source.rows.set('1', silence('1'));
    const store = async () => {
      throw new Error('disk full');
    };
    return { value: undefined, store };
  });
  const next = store.change(() => {
    source.rows.set('2', silence('2'));
    return { value: 'stored' };
  });
  await expect(failing).rejects.toThrow('disk full');
  await expect(next).resolves.toBe('stored');
  await open('one', (stored) => {
    expect(stored.silences).toEqual([silence('2')]);
    return sourceOf();
  });
});

it('reads the state that an earlier release stored as one value, and loses nothing of it', async () => {
  const group = {
    key: 'g',
    tenant: 't',
    routeId: 'r',
    labels: {},
    receivers: ['ops'],
    stopOnError: false,
    intervalMs: 1,
    repeatMs: 1,
    notifications: [alert({ fingerprint: 'a' }), alert({ fingerprint: 'b', tenant: 'another' })],
    nextFlushAt: 1,
    createdAt: 1,
    sequence: 0,
    flushed: false,
  };
  const old = {
    router: { groups: [group], sources: [alert({ fingerprint: 's' })] },
    silences: [silence('1')],
  };
  await open('one', () => sourceOf());
  const value = JSON.stringify(old);
  await sql`update sender_state set value = ${value} where name = 'one'`.execute(db);
  const store = await open('one', (stored) => {
    expect(stored).toEqual(old);
    return sourceOf();
  });
  await store.save();
  await open('one', (stored) => {
    expect(stored).toEqual({ ...old, router: { ...old.router, forwarded: [] } });
    return sourceOf();
  });
});

it('keeps states of different names apart', async () => {
  const [one, two] = [sourceOf(), sourceOf()];
  const first = await open('one', () => one);
  const second = await open('two', () => two);
  await first.save();
  await second.change(() => {
    two.rows.set('x', silence('x'));
    return { value: undefined };
  });
  await first.save();
  await open('one', (stored) => {
    expect(stored).toMatchObject({ silences: [] });
    return one;
  });
});

it('has one key per database, made once', async () => {
  const keys = await Promise.all(['a', 'b'].map((key) => sharedIdentityKey(db, () => key)));
  expect(new Set(keys.map((key) => key.reveal())).size).toBe(1);
});

it('waits for another process that writes', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-state-'));
  const [mine, theirs] = [connect(`sqlite:${folder}/outbox.db`), connect(`sqlite:${folder}/outbox.db`)];
  const busy = async <T>(work: () => Promise<T>): Promise<T> => {
    let writing: Promise<void> | undefined;
    await new Promise<void>((held) => {
      writing = theirs.db.transaction().execute(async () => {
        held();
        await delay(200);
      });
    });
    const [result] = await Promise.all([work(), writing]);
    return result;
  };
  const first = await open('one', () => sourceOf(), mine.db);
  await busy(() => first.save());
  await busy(() => open('one', () => sourceOf(), mine.db));
  await busy(() => open('two', () => sourceOf(), mine.db));
  await busy(() => sharedIdentityKey(mine.db, () => 'key'));
  await mine.db.destroy();
  await theirs.db.destroy();
  rmSync(folder, { recursive: true });
});

it.skipIf(!postgresAvailable())('is made once by servers that start at the same moment on PostgreSQL', async () => {
  const server = await startPostgres();
  try {
    for (let round = 0; round < 20; round += 1) {
      const url = await server.freshDatabase();
      const opened = Array.from({ length: 8 }, () => connect(url));
      const keys = await Promise.all(opened.map((one, at) => sharedIdentityKey(one.db, () => String(at))));
      expect(new Set(keys.map((key) => key.reveal())).size).toBe(1);
      await Promise.all(opened.map((one) => one.db.destroy()));
    }
  } finally {
    await server.stop();
  }
});
