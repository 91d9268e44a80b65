// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the template language writes placeholders this way
import { describe, expect, it, vi } from 'vitest';
import { CardCache } from './card-cache.ts';

const key = { tenantId: 't1', clientId: 'c1', host: 'bot', template: { a: '${b}' }, data: { b: 1 } };
const built = (n: number) => async () => ({ type: 'AdaptiveCard', n }) as const;

describe('CardCache', () => {
  it('builds once per key, also for concurrent callers', async () => {
    const cache = new CardCache();
    const build = vi.fn(built(1));
    const cards = await Promise.all([
      cache.get(key, build),
      cache.get(key, build),
      cache.get(structuredClone(key), build),
    ]);
    expect(build).toHaveBeenCalledTimes(1);
    expect(new Set(cards).size).toBe(1);
  });

  it.each([
    ['tenant', { tenantId: 't2' }],
    ['app', { clientId: 'c2' }],
    ['host', { host: 'workflow' }],
    ['template', { template: { a: '${c}' } }],
    ['data', { data: { b: '1' } }],
  ])('never mixes two by %s', async (_, other) => {
    const cache = new CardCache();
    await cache.get(key, built(1));
    expect(await cache.get({ ...key, ...other }, built(2))).toMatchObject({ n: 2 });
  });

  it('keeps no more than its bytes, however large the cards are, and none that would push out all others', async () => {
    const cache = new CardCache({ maxBytes: 100_000 });
    const at = (size: number, b = 1) => ({ ...key, data: { b, text: 'x'.repeat(size) } });
    for (let b = 0; b < 100; b++) {
      await cache.get(at(1_000, b), built(b));
      expect(cache.bytes).toBeLessThanOrEqual(100_000);
    }
    expect(cache.size).toBeGreaterThan(10);
    const before = cache.size;
    await cache.get(at(50_000), built(1));
    await cache.get(at(10), async () => ({ type: 'AdaptiveCard', long: 'y'.repeat(50_000) }) as const);
    expect(cache.size).toBeGreaterThanOrEqual(before - 1);
    expect(cache.bytes).toBeLessThanOrEqual(100_000);
    await expect(cache.get(at(20), () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    const again = vi.fn(built(99));
    await cache.get(at(1_000, 99), again);
    expect(again).not.toHaveBeenCalled();
  });

  it('forgets the one unused for longest', async () => {
    const cache = new CardCache({ maxCards: 2 });
    const at = (b: number) => ({ ...key, data: { b } });
    for (const b of [1, 2, 1, 3]) await cache.get(at(b), built(b));
    const rebuild = vi.fn(built(9));
    await cache.get(at(1), rebuild);
    await cache.get(at(3), rebuild);
    expect(rebuild).not.toHaveBeenCalled();
    await cache.get(at(2), rebuild);
    expect(rebuild).toHaveBeenCalledTimes(1);
    expect(cache.size).toBe(2);
  });

  it('does not keep a failure, nor a card that tells the time', async () => {
    const cache = new CardCache();
    await expect(cache.get(key, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await cache.get(key, built(2))).toMatchObject({ n: 2 });
    const clock = { ...key, template: { a: '${utcNow()}' } };
    await cache.get(clock, built(3));
    expect(await cache.get(clock, built(4))).toMatchObject({ n: 4 });
  });
});
