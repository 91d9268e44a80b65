import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../test/support/lake-pages.ts';
import { type Runtime, systemRuntime } from '../../runtime/runtime.ts';
import { remoteStore } from './remote.ts';
import type { Failure, Meaning, ObjectClient } from './remote-client.ts';
import { BLOCK_BYTES } from './uploads.ts';

/** What a library of a service throws: it may hold what must not be seen. */
class ServiceError extends Error {
  readonly failure: Failure;

  constructor(meaning: Meaning, reason: string, waitMs?: number) {
    super('https://account.example/c?sig=CANARY');
    this.failure = { meaning, reason, waitMs };
  }
}

type Operation = keyof Pick<ObjectClient, 'facts' | 'read' | 'write' | 'copy' | 'list' | 'delete'> | 'part' | 'commit';

/** What befalls the next request of a kind: nothing is done, or it is done and its answer is lost. */
interface Fault {
  readonly on: Operation;
  readonly error: ServiceError;
  readonly isDone: boolean;
  times: number;
}

const busy = new ServiceError('again', 'SlowDown');

/** A service of one container that misbehaves as it is told to. */
function service(options: { readonly isConditional?: boolean; readonly ignoresConditions?: boolean } = {}) {
  const objects = new Map<string, { bytes: Uint8Array; etag: string; writeId: string }>();
  const faults: Fault[] = [];
  const asked: Operation[] = [];
  let version = 0;
  let largest = 0;

  async function doing<T>(on: Operation, work: () => T): Promise<T> {
    asked.push(on);
    const fault = faults.find((one) => one.on === on && one.times > 0);
    if (fault) fault.times -= 1;
    if (fault && !fault.isDone) throw fault.error;
    const done = work();
    if (fault) throw fault.error;
    return done;
  }
  const found = (key: string) => {
    const object = objects.get(key);
    if (!object) throw new ServiceError('absent', 'NoSuchKey');
    return object;
  };
  const store = (key: string, bytes: Uint8Array, writeId: string) => {
    version += 1;
    objects.set(key, { bytes: Uint8Array.from(bytes), etag: String(version), writeId });
  };
  const client: ObjectClient = {
    description: 'az://account/container',
    prefix: 'lake/',
    deletesAtOnce: 2,
    isConditional: options.isConditional ?? true,
    failureOf: (error) => (error as ServiceError).failure,
    facts: (key) =>
      doing('facts', () => {
        const { bytes, etag, writeId } = found(key);
        return { size: bytes.length, etag, writeId };
      }),
    read: (key, { start, end, etag }) =>
      doing('read', () => {
        const object = found(key);
        if (etag !== undefined && object.etag !== etag) throw new ServiceError('changed', 'ConditionNotMet');
        if (start >= object.bytes.length) throw new ServiceError('beyond', 'InvalidRange');
        const bytes = object.bytes.slice(start, end);
        largest = Math.max(largest, bytes.length);
        return { bytes, size: object.bytes.length, etag: object.etag };
      }),
    write: (key, bytes, { writeId, ifAbsent }) =>
      doing('write', () => {
        if (ifAbsent && objects.has(key) && !options.ignoresConditions)
          throw new ServiceError('exists', 'BlobAlreadyExists');
        store(key, bytes, writeId);
      }),
    async blocks(key, { writeId }) {
      const parts: Uint8Array[] = [];
      let isOpen = true;
      return {
        put: (at, bytes) =>
          doing('part', () => {
            largest = Math.max(largest, bytes.length);
            parts[at] = Uint8Array.from(bytes);
          }),
        commit: () =>
          doing('commit', () => {
            if (!isOpen) throw new ServiceError('absent', 'NoSuchUpload');
            isOpen = false;
            store(key, Buffer.concat(parts), writeId);
          }),
        abort: async () => {
          isOpen = false;
        },
      };
    },
    copy: (from, to) => doing('copy', () => store(to, found(from).bytes, found(from).writeId)),
    list: (prefix) =>
      doing('list', () => {
        const keys = [...objects.keys()].filter((key) => key.startsWith(prefix)).sort();
        return {
          objects: keys.map((key) => ({ key, size: found(key).bytes.length, modifiedAtMs: 0 })),
          prefixes: [],
          next: undefined,
        };
      }),
    delete: (keys) =>
      doing('delete', () => {
        for (const key of keys) objects.delete(key);
      }),
  };
  return {
    client,
    objects,
    asked,
    largest: () => largest,
    befalls: (on: Operation, error: ServiceError, { times = 1, isDone = false } = {}) =>
      void faults.push({ on, error, times, isDone }),
  };
}

/** Waits take no time, and are written down. */
function opened(from: ReturnType<typeof service>) {
  const waits: number[] = [];
  const runtime: Runtime = {
    ...systemRuntime,
    random: () => 0.5,
    sleep: async (ms) => void waits.push(ms),
  };
  const scratchDir = temporaryFolder();
  return { store: remoteStore(from.client, { runtime, scratchDir }), waits, scratchDir };
}

const bytes = (text: string) => new TextEncoder().encode(text);
const textOf = async (store: ReturnType<typeof remoteStore>, key: string) =>
  Buffer.from((await store.get(key))!.bytes).toString();

describe('a store elsewhere that is busy or does not answer', () => {
  it('is asked again, each time later, as long as it asks for', async () => {
    const remote = service();
    const { store, waits } = opened(remote);
    remote.befalls('write', busy, { times: 3 });
    remote.befalls('write', new ServiceError('again', 'ServerBusy', 4_321));
    await store.put('a', bytes('one'));
    expect(await textOf(store, 'a')).toBe('one');
    expect(waits).toEqual([150, 300, 600, 4_321]);
  });

  it('is told of after a number of attempts, and nothing is half there', async () => {
    const remote = service();
    const { store } = opened(remote);
    remote.befalls('write', busy, { times: 1_000 });
    await expect(store.putIfAbsent('_log/1', bytes('one'))).rejects.toMatchObject({
      code: 'store_unavailable',
      recovery: 'retry',
      details: { reason: 'SlowDown' },
    });
    expect(remote.objects.size).toBe(0);
  });

  it('is asked again for what was just written and is not there yet', async () => {
    const remote = service();
    const { store } = opened(remote);
    await store.put('a', bytes('one'));
    remote.befalls('read', new ServiceError('absent', 'BlobNotFound'), { times: 2 });
    expect(await textOf(store, 'a')).toBe('one');
    await store.delete(['a']);
    expect(await store.get('a')).toBeUndefined();
  });
});

describe('a creation whose answer was lost', () => {
  it('is known by what it wrote', async () => {
    const remote = service();
    const { store } = opened(remote);
    remote.befalls('write', busy, { isDone: true });
    expect(await store.putIfAbsent('_log/1', bytes('mine'))).toBe(true);
  });

  it('is not taken for that of another who wrote the same', async () => {
    const remote = service();
    const [mine, other] = [opened(remote).store, opened(remote).store];
    expect(await other.putIfAbsent('_log/1', bytes('same'))).toBe(true);
    remote.befalls('write', busy);
    expect(await mine.putIfAbsent('_log/1', bytes('same'))).toBe(false);
    expect(await mine.putIfAbsent('_log/1', bytes('same'))).toBe(false);
  });
});

it('a service that overwrites what is there is refused with the first creation', async () => {
  const { store } = opened(service({ isConditional: false, ignoresConditions: true }));
  await expect(store.putIfAbsent('_lease/1', bytes('one'))).rejects.toMatchObject({ code: 'store_unconditional' });
  const kept = opened(service({ isConditional: false }));
  expect(await kept.store.putIfAbsent('_lease/1', bytes('one'))).toBe(true);
  expect(await kept.store.putIfAbsent('_lease/2', bytes('one'))).toBe(true);
});

describe('what is larger than a block', () => {
  const content = randomBytes(2 * BLOCK_BYTES + 17);
  const file = () => {
    const path = join(temporaryFolder(), 'file');
    writeFileSync(path, content);
    return path;
  };

  it('goes and comes in blocks, each repeated alone; the file goes when it is there', async () => {
    const remote = service();
    const { store } = opened(remote);
    remote.befalls('part', busy, { times: 2 });
    remote.befalls('read', busy, { times: 2 });
    const path = file();
    await store.putFile('t/a.parquet', path);
    expect(existsSync(path)).toBe(false);
    expect(content.equals(readFileSync(await store.localPath('t/a.parquet')))).toBe(true);
    expect(content.equals((await store.get('t/a.parquet'))!.bytes)).toBe(true);
    expect(
      content.subarray(5, BLOCK_BYTES + 9).equals((await store.readRange('t/a.parquet', 5, BLOCK_BYTES + 9))!),
    ).toBe(true);
    expect(remote.largest()).toBe(BLOCK_BYTES);
  });

  it('is there once, also where the answer to the last request was lost', async () => {
    const remote = service();
    const { store } = opened(remote);
    remote.befalls('commit', busy, { isDone: true });
    await store.putFile('t/a.parquet', file());
    expect(content.equals((await store.get('t/a.parquet'))!.bytes)).toBe(true);
  });

  it('is not there at all, and the file stays, where it could not be finished', async () => {
    const remote = service();
    const { store } = opened(remote);
    remote.befalls('part', new ServiceError('denied', 'AuthenticationFailed'), { times: 9 });
    const path = file();
    await expect(store.putFile('t/a.parquet', path)).rejects.toMatchObject({ code: 'store_denied' });
    expect(existsSync(path)).toBe(true);
    expect(remote.objects.size).toBe(0);
  });

  it('is of one state, also when it is replaced while it is read', async () => {
    const remote = service();
    const { store } = opened(remote);
    await store.putFile('a', file());
    const other = content.map((byte) => byte ^ 0xff);
    const { read } = remote.client;
    let isReplaced = false;
    const swapping: ObjectClient = {
      ...remote.client,
      async read(key, range, signal) {
        const part = await read(key, range, signal);
        if (!isReplaced) remote.objects.set(key, { bytes: other, etag: 'other', writeId: '' });
        isReplaced = true;
        return part;
      },
    };
    const found = await remoteStore(swapping, { scratchDir: temporaryFolder() }).get('a');
    expect(Buffer.from(other).equals(found!.bytes)).toBe(true);
  });
});

describe('what a service refuses', () => {
  const all = [
    ['get', 'read', (store: ReturnType<typeof remoteStore>) => store.get('a')],
    ['size', 'facts', (store: ReturnType<typeof remoteStore>) => store.size('a')],
    ['put', 'write', (store: ReturnType<typeof remoteStore>) => store.put('a', bytes('x'))],
    ['putIfAbsent', 'write', (store: ReturnType<typeof remoteStore>) => store.putIfAbsent('b', bytes('x'))],
    ['copy', 'copy', (store: ReturnType<typeof remoteStore>) => store.copy('a', 'b')],
    ['show', 'list', (store: ReturnType<typeof remoteStore>) => store.show('current/t', ['a'])],
    ['delete', 'delete', (store: ReturnType<typeof remoteStore>) => store.delete(['a', 'b', 'c'])],
    ['localPath', 'read', (store: ReturnType<typeof remoteStore>) => store.localPath('a')],
  ] as const;
  const refusals = [
    ['denied', 'store_denied'],
    ['container_missing', 'store_container_missing'],
    ['refused', 'store_refused'],
    ['again', 'store_unavailable'],
  ] as const;

  it.each(all.flatMap(([name, on, ask]) => refusals.map(([meaning, code]) => [name, meaning, code, on, ask] as const)))(
    '%s: %s is %s, says the place and the code of the service, and nothing that is secret',
    async (_name, meaning, code, on, ask) => {
      const remote = service();
      const { store, scratchDir } = opened(remote);
      await store.put('a', bytes('one'));
      remote.befalls(on, new ServiceError(meaning, 'ServiceCode'), { times: 99 });
      const error: unknown = await ask(store).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect(error).toMatchObject({ code, message: expect.stringMatching(/az:\/\/account\/container.*ServiceCode/) });
      expect(inspect(error, { depth: 9 }) + JSON.stringify(error)).not.toContain('CANARY');
      const files = readdirSync(scratchDir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
      expect(files).toEqual([]);
    },
  );
});

it('a stop ends the waiting', async () => {
  const remote = service();
  const stop = new AbortController();
  const runtime = { ...systemRuntime, sleep: async () => stop.abort(new Error('stopped')) };
  remote.befalls('write', busy, { times: 99 });
  const store = remoteStore(remote.client, { runtime, scratchDir: temporaryFolder() });
  await expect(store.put('a', bytes('x'), stop.signal)).rejects.toThrow('stopped');
  expect(remote.asked).toEqual(['write']);
});
