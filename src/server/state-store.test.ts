import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { postgresAvailable, startPostgres } from '../../test/postgres.ts';
import { connect } from '../outbox/database.ts';
import { newEndpoint } from '../webhooks/endpoint.ts';
import { StateStore, sharedIdentityKey } from './state-store.ts';

const { db } = connect('sqlite::memory:');
afterEach(async () => {
  await db.schema.dropTable('sender_state').ifExists().execute();
});

const state = (mark: string) => ({ endpoints: { [mark]: newEndpoint(0) } });

it('gives back what was stored, and writes once for calls that wait together', async () => {
  let key = 'a';
  let snapshots = 0;
  const snapshot = () => {
    snapshots += 1;
    return state(key);
  };
  const store = await StateStore.open(db, 'one', (stored) => {
    expect(stored).toEqual({});
    return snapshot;
  });
  const saves = [store.save(), store.save()];
  key = 'b';
  saves.push(store.save());
  await Promise.all(saves);
  expect(snapshots).toBe(1);
  await store.save();
  expect(snapshots).toBe(2);
  const second = await StateStore.open(db, 'one', (stored) => {
    expect(stored).toEqual(state('b'));
    return snapshot;
  });
  await store.save();
  await expect(second.save()).rejects.toMatchObject({ code: 'state_taken' });
  const third = await StateStore.open(db, 'one', () => snapshot);
  await third.save();
  await expect(store.save()).rejects.toMatchObject({ code: 'state_taken' });
});

it('keeps states of different names apart', async () => {
  const one = await StateStore.open(db, 'one', () => () => state('1'));
  const two = await StateStore.open(db, 'two', () => () => state('2'));
  await one.save();
  await two.save();
  await one.save();
  await StateStore.open(db, 'one', (stored) => {
    expect(stored).toEqual(state('1'));
    return () => stored;
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
  const first = await StateStore.open(mine.db, 'one', () => () => state('a'));
  await busy(() => first.save());
  await busy(() => StateStore.open(mine.db, 'one', () => () => state('b')));
  await busy(() => StateStore.open(mine.db, 'two', () => () => state('b')));
  await busy(() => sharedIdentityKey(mine.db, () => 'key'));
  await mine.db.destroy();
  await theirs.db.destroy();
  rmSync(folder, { recursive: true });
});

it.skipIf(!postgresAvailable())('is made once by servers that start at the same moment on PostgreSQL', async () => {
  const server = await startPostgres();
  try {
    for (let round = 0; round < 5; round += 1) {
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
