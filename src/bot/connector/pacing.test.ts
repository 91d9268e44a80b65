import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../test/support/virtual-clock.ts';
import { botLimits, botTenantLimits } from '../../limits/bot-limits.ts';
import { openBotStore } from '../open-store.ts';
import { createPacing, memoryCounts, type PacedCounts } from './pacing.ts';

const tenantId = 't';
const to = (conversationId: string) => ({ route: 'activities', conversationId, tenantId }) as const;

/** Times at which requests were let through, by what they were for. */
function paced(counts: readonly PacedCounts[], clock: VirtualClock, patienceMs = 3_600_000) {
  const pacings = counts.map((one) => createPacing({ appId: 'app', counts: one, runtime: clock, patienceMs }));
  const times: { readonly conversationId: string; readonly atMs: number }[] = [];
  const ask = async (conversationId: string, worker: number) => {
    await pacings[worker % pacings.length]!(to(conversationId));
    times.push({ conversationId, atMs: clock.now() });
  };
  return { ask, times };
}

/** Whether some span of a window has more in it than its limit. */
const isOver = (times: readonly number[], windows: readonly { readonly limit: number; readonly windowMs: number }[]) =>
  windows.some(({ limit, windowMs }) => times.some((atMs, at) => (times[at + limit] ?? Infinity) - atMs < windowMs));

describe('requests of a bot', () => {
  it('keep every published window of every conversation and of the app, however many come at once', async () => {
    const conversations = fc.constantFrom('a:1', '19:x@thread.tacv2;messageid=1', '19:x@thread.tacv2;messageid=2');
    await fc.assert(
      fc.asyncProperty(fc.array(conversations, { minLength: 20, maxLength: 150 }), async (asked) => {
        const clock = new VirtualClock();
        const { ask, times } = paced([memoryCounts(clock)], clock);
        await clock.run(Promise.all(asked.map((conversationId) => ask(conversationId, 0))));
        expect(times).toHaveLength(asked.length);
        const sorted = (of: typeof times) => of.map(({ atMs }) => atMs).sort((a, b) => a - b);
        expect(isOver(sorted(times), botTenantLimits)).toBe(false);
        for (const place of ['a:1', '19:x']) {
          const own = times.filter(({ conversationId }) => conversationId.startsWith(place));
          expect(isOver(sorted(own), botLimits.send)).toBe(false);
        }
      }),
      { numRuns: 20 },
    );
  });

  it('are counted together by all processes on one store', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-pacing-'));
    const clock = new VirtualClock();
    const url = `sqlite:${join(folder, 'bot.db')}`;
    const stores = [await openBotStore({ url, runtime: clock }), await openBotStore({ url, runtime: clock })];
    const counts = stores.map((store) => store.counts);
    for (let at = 0; at < 7; at++) expect(await counts[at % 2]!.admit(scopesOf('a:1'))).toBe(0);
    for (const one of counts) expect(await one.admit(scopesOf('a:1'))).toBe(1_000);
    expect(await counts[0]!.admit(scopesOf('a:2'))).toBe(0);
    clock.advance(1_000);
    expect(await counts[1]!.admit(scopesOf('a:1'))).toBe(0);
    expect(await counts[0]!.admit(scopesOf('a:1'))).toBe(1_000);
    // A clock that was set back makes nobody wait for years.
    clock.jump(-24 * 3_600_000);
    expect(await counts[0]!.admit(scopesOf('a:1'))).toBeLessThanOrEqual(2_000);
    for (const store of stores) await store[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  it('are refused when there is no room for long, and the error says for how long', async () => {
    const clock = new VirtualClock();
    const { ask } = paced([memoryCounts(clock)], clock, 60_000);
    const all = (async () => {
      for (let at = 0; at < 2_000; at++) await ask('a:1', 0);
    })();
    const error: unknown = await clock.run(all.catch((thrown: unknown) => thrown));
    expect(error).toMatchObject({ code: 'bot_windows_full', recovery: 'retry', details: { sent: false } });
    expect((error as { retryAfterMs: number }).retryAfterMs).toBeGreaterThan(60_000);
  });
});

const scopesOf = (name: string) => [{ name, windows: botLimits.send }];
