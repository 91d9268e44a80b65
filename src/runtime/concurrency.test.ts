import { describe, expect, it } from 'vitest';
import { forEachLimited } from './concurrency.ts';

const never = new AbortController().signal;

describe('forEachLimited', () => {
  it('runs every item, never more than the limit at a time', async () => {
    let running = 0;
    let most = 0;
    const done: number[] = [];
    await forEachLimited([1, 2, 3, 4, 5, 6, 7], 3, never, async (item) => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      done.push(item);
    });
    expect(done.sort()).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(most).toBe(3);
  });

  it('stops at the first error, aborts the others, and waits for them', async () => {
    const boom = new Error('boom');
    const started: number[] = [];
    let aborted = false;
    const run = forEachLimited([1, 2, 3, 4], 2, never, async (item, signal) => {
      started.push(item);
      if (item === 1) throw boom;
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      aborted = true;
    });
    await expect(run).rejects.toBe(boom);
    expect(started).toEqual([1, 2]);
    expect(aborted).toBe(true);
  });

  it('rejects when it is aborted from outside', async () => {
    const stop = new AbortController();
    const run = forEachLimited([1, 2, 3], 1, stop.signal, async () => stop.abort(new Error('stopped')));
    await expect(run).rejects.toThrow('stopped');
  });
});
