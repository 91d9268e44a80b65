import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { ObjectStore } from '../stores/object-store.ts';
import { LEASE_TTL_MS, takeLease } from './lease.ts';
import type { LeaseHost, LeaseProcess } from './lease-host.ts';

/** What a lease needs of a store. */
function memoryStore(): ObjectStore & { readonly objects: Map<string, Uint8Array> } {
  const objects = new Map<string, Uint8Array>();
  const store = {
    objects,
    description: 'memory',
    get: async (key: string) => {
      const bytes = objects.get(key);
      return bytes && { bytes, etag: '' };
    },
    size: async (key: string) => objects.get(key)?.length,
    put: async (key: string, bytes: Uint8Array) => void objects.set(key, bytes),
    putIfAbsent: async (key: string, bytes: Uint8Array) => {
      if (objects.has(key)) return false;
      objects.set(key, bytes);
      return true;
    },
    async *list(prefix: string) {
      for (const key of [...objects.keys()].sort()) if (key.startsWith(prefix)) yield { key, size: 0, modifiedAtMs: 0 };
    },
    delete: async (keys: readonly string[]) => {
      for (const key of keys) objects.delete(key);
    },
  };
  return store as unknown as ObjectStore & { readonly objects: Map<string, Uint8Array> };
}

/** A world with one clock that nobody sets per host; waiting moves it. */
function world() {
  const store = memoryStore();
  const alive = new Set<number>();
  let passedMs = 0;
  let serial = 0;
  /** What happens while somebody waits. */
  const meanwhile: (() => void)[] = [];
  const take = (
    process: Partial<LeaseProcess> & { readonly pid: number },
    options: { offsetMs?: number; waitMs?: number; yieldsTo?: string[]; purpose?: string; wallMs?: number } = {},
  ) => {
    const { offsetMs = 0, waitMs = 0, purpose = 'sync', yieldsTo, wallMs = 0 } = options;
    alive.add(process.pid);
    serial += 1;
    const host: LeaseHost = {
      process: { host: 'h', ...process },
      monotonicMs: () => passedMs + offsetMs,
      isAlive: ({ pid }) => alive.has(pid),
    };
    const sleep = async (ms: number) => {
      passedMs += ms;
      meanwhile.shift()?.();
      await turn();
    };
    return takeLease({ store, host, id: `id-${serial}`, purpose, now: () => wallMs, sleep, waitMs, yieldsTo });
  };
  /** The holder is heard of, as its timer would do. */
  const beat = (lease: number, n: number, monotonicMs = passedMs) =>
    store.objects.set(
      `_lease/${String(lease).padStart(10, '0')}.beat.json`,
      Buffer.from(JSON.stringify({ n, monotonicMs, ended: false })),
    );
  return {
    store,
    take,
    beat,
    meanwhile,
    kill: (pid: number) => alive.delete(pid),
    pass: (ms: number) => {
      passedMs += ms;
    },
    passedMs: () => passedMs,
  };
}

const here = { boot: 'b', pidSpace: 'p' };

describe('the lease of a lake', () => {
  it('is given to one; the next gets a greater number when that one has ended', async () => {
    const { take } = world();
    const first = await take({ ...here, pid: 1 });
    await first.release();
    const second = await take({ ...here, pid: 2 });
    expect([first.number, second.number]).toEqual([1, 2]);
    expect(second).toMatchObject({ isTakeover: false, ended: ['id-1'] });
    await expect(second.check()).resolves.toBeUndefined();
    await expect(first.check()).rejects.toMatchObject({ code: 'lake_conflict', details: { pid: 2 } });
  });

  it('is refused at once, without waiting, while its holder is heard of on this kernel', async () => {
    const { take, passedMs } = world();
    await take({ ...here, pid: 1 });
    await expect(take({ ...here, pidSpace: 'another container', pid: 1 })).rejects.toMatchObject({
      code: 'lake_busy',
      recovery: 'retry',
      details: { purpose: 'sync', pid: 1, until: new Date(LEASE_TTL_MS).toISOString() },
    });
    expect(passedMs()).toBe(0);
  });

  it('ends at once with a process that has died in this pid space', async () => {
    const { take, kill } = world();
    await take({ ...here, pid: 1 });
    kill(1);
    expect(await take({ ...here, pid: 2 })).toMatchObject({ number: 2, isTakeover: true });
  });

  it('does not end because the same number is dead in another container', async () => {
    const { take, kill } = world();
    await take({ ...here, pid: 1 });
    kill(1);
    await expect(take({ ...here, pidSpace: 'another container', pid: 2 })).rejects.toMatchObject({ code: 'lake_busy' });
  });

  it('ends when its holder stands still, on this kernel', async () => {
    const { take, pass } = world();
    await take({ ...here, pid: 1 });
    pass(LEASE_TTL_MS + 1);
    expect(await take({ ...here, pid: 2 })).toMatchObject({ number: 2, isTakeover: true });
  });

  it.each([-7_200_000, 0, 7_200_000])(
    'on another host ends when no beat came for its length, whatever that host has for a clock (%d ms apart)',
    async (offsetMs) => {
      const { take, passedMs } = world();
      await take({ ...here, pid: 1 });
      const taken = await take({ boot: 'elsewhere', pid: 1 }, { offsetMs, wallMs: offsetMs });
      expect(taken).toMatchObject({ number: 2, isTakeover: true });
      expect(passedMs()).toBeGreaterThan(LEASE_TTL_MS);
    },
  );

  it('on another host is refused as soon as one beat is seen', async () => {
    const { take, beat, meanwhile, passedMs } = world();
    await take({ ...here, pid: 1 });
    meanwhile.push(
      () => undefined,
      () => beat(1, 2),
    );
    const refused = take({ boot: 'elsewhere', pid: 1 }, { offsetMs: 7_200_000 });
    await expect(refused).rejects.toMatchObject({ code: 'lake_busy' });
    expect(passedMs()).toBeLessThan(5_000);
  });

  it('is waited for as long as is said, and taken when its holder ends', async () => {
    const { take, meanwhile, beat } = world();
    const first = await take({ ...here, pid: 1 });
    meanwhile.push(...Array.from({ length: 4 }, (_, n) => () => beat(1, n + 2)), () => void first.release());
    expect(await take({ ...here, pid: 2 }, { waitMs: 60_000 })).toMatchObject({ number: 2, isTakeover: false });
    await expect(take({ ...here, pid: 3 }, { waitMs: 2_000 })).rejects.toMatchObject({ code: 'lake_busy' });
  });

  it('of a compaction is waited for by those who yield to it, without being told to', async () => {
    const { take, meanwhile } = world();
    const first = await take({ ...here, pid: 1 }, { purpose: 'compact' });
    meanwhile.push(() => void first.release());
    expect(await take({ ...here, pid: 2 }, { yieldsTo: ['compact'] })).toMatchObject({ number: 2 });
  });

  describe('whose record cannot be read', () => {
    const RECORD = '_lease/0000000001.json';

    it.each(['', '{}', '{"lease":1', 'null'])('ends with its beats, or when none comes: %j', async (damaged) => {
      const { take, store } = world();
      const first = await take({ ...here, pid: 1 });
      store.objects.set(RECORD, Buffer.from(damaged));
      const second = await take({ ...here, pid: 2 });
      expect(second).toMatchObject({ number: 2, isTakeover: true });
      await expect(first.check()).rejects.toMatchObject({ code: 'lake_conflict' });
      store.objects.set('_lease/0000000002.json', Buffer.from(damaged));
      await second.release();
      expect(await take({ ...here, pid: 3 })).toMatchObject({ number: 3, isTakeover: false, ended: [] });
    });

    it('is another’s as long as its beats come', async () => {
      const { take, store, beat, meanwhile } = world();
      await take({ ...here, pid: 1 });
      store.objects.set(RECORD, Buffer.from(''));
      meanwhile.push(
        () => undefined,
        () => beat(1, 2),
      );
      await expect(take({ ...here, pid: 2 })).rejects.toMatchObject({ code: 'lake_busy' });
    });
  });

  it('steps over a name that is taken by something that is no lease', async () => {
    const { take, store } = world();
    // Folders and broken links are not listed, and yet nothing can be created in their place.
    const putIfAbsent = store.putIfAbsent.bind(store);
    const taken = (key: string) => key === '_lease/0000000001.json';
    Object.assign(store, {
      putIfAbsent: async (key: string, bytes: Uint8Array) => !taken(key) && putIfAbsent(key, bytes),
    });
    expect(await take({ ...here, pid: 1 })).toMatchObject({ number: 2 });
  });

  it('goes to exactly one of many that come at the same moment', async () => {
    const { take } = world();
    const tries = await Promise.allSettled(Array.from({ length: 8 }, (_, pid) => take({ ...here, pid: pid + 1 })));
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});
