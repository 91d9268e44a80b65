import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Kysely, sql } from 'kysely';
import { afterEach, expect, it } from 'vitest';
import { fakeTelemetry } from '../../../test/support/fake-telemetry.ts';
import { postgresAvailable, startPostgres } from '../../../test/support/postgres.ts';
import { alert } from '../../../test/support/routing.ts';
import { connect } from '../../outbox/database.ts';
import type { DamagedRow } from '../../outbox/types.ts';
import type { StateChange } from '../../router/groups/state-change.ts';
import { TrackedMap } from '../../router/groups/tracked-map.ts';
import type { Silence } from '../../router/mute/silence.ts';
import { digest } from '../../router/notification.ts';
import { systemRuntime } from '../../runtime/runtime.ts';
import { StateStore, sharedIdentityKey } from './state-store.ts';
import type { StateTables } from './state-tables.ts';
import { tellDamaged } from './tell-damaged.ts';

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
    expect(stored).toEqual({ ...old, router: { ...old.router, forwarded: [] } });
    return sourceOf();
  });
  await store.save();
  await open('one', (stored) => {
    expect(stored).toEqual({ ...old, router: { ...old.router, forwarded: [] } });
    return sourceOf();
  });
});

it('sets damaged rows aside, whatever they are, tells which, and goes on with all others', async () => {
  const group = (key: string) => ({
    ...{ key, tenant: 't', routeId: 'r', labels: {}, receivers: ['ops'], stopOnError: false },
    ...{ intervalMs: 1, repeatMs: 1, nextFlushAt: 1, createdAt: 1, sequence: 0, flushed: false },
  });
  const row = (kind: string, key: string, value: unknown) => ({
    ...{ name: 'one', kind, key },
    value: typeof value === 'string' ? value : JSON.stringify(value),
  });
  const member = (key: string, fingerprint: string) => ({
    group: digest([key]),
    notification: alert({ fingerprint }),
  });
  const wrongPattern = { ...silence('s2'), matchers: [{ field: 'label', name: 'a', op: '=~', value: '(' }] };
  await open('one', () => sourceOf());
  const rows = [
    row('group', 'g1', group('whole')),
    row('group', 'g2', '{"key":"SECRET'),
    row('group', 'g3', { ...group('half'), receivers: 'SECRET' }),
    row('alert', 'a1', member('whole', 'kept')),
    row('alert', 'a2', member('half', 'orphan')),
    row('alert', 'a3', { ...member('whole', 'x'), notification: { SECRET: 1 } }),
    row('source', 'n1', 'null'),
    row('forwarded', 'f1', '[]'),
    row('silence', 's1', silence('s1')),
    row('silence', 's2', wrongPattern),
    row('of a later release', 'x', 'SECRET'),
  ];
  const entries = db as unknown as Kysely<StateTables>;
  await entries.insertInto('sender_entries').values(rows).execute();
  const telemetry = fakeTelemetry();
  const options = {
    database: db,
    name: 'one',
    runtime: systemRuntime,
    damaged: (found: readonly DamagedRow[]) => tellDamaged(found, telemetry),
  };
  const store = await StateStore.open(options, ({ router, silences }) => {
    expect(silences?.map(({ id }) => id)).toEqual(['s1']);
    expect(router?.groups.map(({ key, notifications }) => [key, notifications.map((one) => one.fingerprint)])).toEqual([
      ['whole', ['kept']],
    ]);
    return sourceOf();
  });
  expect(telemetry.logs.map(({ fields }) => fields)).toEqual([
    { kind: 'group', count: 2, keys: ['g2', 'g3'] },
    { kind: 'alert', count: 2, keys: ['a3', 'a2'] },
    { kind: 'source', count: 1, keys: ['n1'] },
    { kind: 'forwarded', count: 1, keys: ['f1'] },
    { kind: 'silence', count: 1, keys: ['s2'] },
  ]);
  expect(telemetry.counts.reduce((sum, { value }) => sum + value, 0)).toBe(7);
  expect(JSON.stringify(telemetry)).not.toContain('SECRET');
  await store.save();
  const kept = await entries.selectFrom('sender_entries').select(['kind', 'key', 'value']).orderBy('key').execute();
  expect(kept.filter(({ kind }) => kind === 'damaged').map(({ key, value }) => [key, JSON.parse(value)])).toEqual(
    rows
      .filter(({ key }) => ['a2', 'a3', 'f1', 'g2', 'g3', 's2', 'n1'].includes(key))
      .map(({ kind, key, value }) => [`${kind} ${key}`, value])
      .sort(),
  );
  expect(kept.filter(({ kind }) => kind !== 'damaged').map(({ key }) => key)).toEqual(['a1', 'g1', 's1', 'x']);
});

it('begins anew where the whole state or the key is damaged, and says so', async () => {
  const told: DamagedRow[] = [];
  const damaged = (rows: readonly DamagedRow[]) => void told.push(...rows);
  await open('one', () => sourceOf());
  await sharedIdentityKey(db, () => 'first');
  for (const value of ['{"router":{"groups":[nul', '{}', '{"identityKey":5}']) {
    await sql`update sender_state set value = ${value}, version = 'nine'`.execute(db);
    const keys = await Promise.all(['a', 'b'].map((key) => sharedIdentityKey(db, () => key, damaged)));
    expect(new Set(keys.map((key) => key.reveal())).size).toBe(1);
    const store = await StateStore.open({ database: db, name: 'one', runtime: systemRuntime, damaged }, () =>
      sourceOf(),
    );
    await store.save();
  }
  expect(new Set(told.map(({ kind }) => kind))).toEqual(new Set(['identity', 'state']));
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
