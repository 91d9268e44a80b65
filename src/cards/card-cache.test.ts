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
