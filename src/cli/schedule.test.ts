import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../test/support/virtual-clock.ts';
import type { ExitCode } from './io.ts';
import { type Round, repeat } from './schedule.ts';

const EVERY_MS = 60_000;

/** Rounds that take these times; when each began and ended, in milliseconds after the first. */
async function rounds(
  tookMs: readonly number[],
  options: { codes?: readonly ExitCode[]; setBy?: readonly number[] } = {},
) {
  const clock = new VirtualClock();
  const firstMs = clock.monotonic();
  const starts: number[] = [];
  const missed: number[] = [];
  const done: Round[] = [];
  const code = await clock.run(
    repeat(
      {
        ...{ everyMs: EVERY_MS, times: tookMs.length, runtime: clock },
        work: async (number) => {
          starts.push(clock.monotonic() - firstMs);
          clock.jump(options.setBy?.[number - 1] ?? 0);
          await clock.sleep(tookMs[number - 1]!);
          return options.codes?.[number - 1] ?? 0;
        },
        onRound: (round, next) => {
          done.push(round);
          missed.push(next?.missed ?? 0);
        },
      },
      new AbortController().signal,
    ),
  );
  return { starts, missed, done, code };
}

describe('rounds', () => {
  it('begin at once, then at every whole multiple; a longer one leaves out those that fell into it', async () => {
    const { starts, missed } = await rounds([1_000, 150_000, 1_000, 1_000]);
    expect(starts).toEqual([0, 60_000, 240_000, 300_000]);
    expect(missed).toEqual([0, 2, 0, 0]);
  });

  it('a round that fails stops no later one, and the last one tells the exit code', async () => {
    const { done, code } = await rounds([1_000, 1_000, 1_000], { codes: [1, 3, 0] });
    expect(done.map(({ outcome }) => outcome)).toEqual(['failed', 'partial', 'ok']);
    expect(code).toBe(0);
  });

  it('neither hurry nor stop when the wall clock is set', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 200_000 }), { minLength: 1, maxLength: 8 }),
        fc.array(fc.integer({ min: -86_400_000, max: 86_400_000 }), { maxLength: 8 }),
        async (tookMs, setBy) => {
          const { starts } = await rounds(tookMs, { setBy });
          for (const [index, at] of starts.entries()) {
            expect(at % EVERY_MS).toBe(0);
            const endedMs = index === 0 ? -EVERY_MS : starts[index - 1]! + tookMs[index - 1]!;
            expect(at - endedMs).toBeGreaterThan(0);
            expect(at - endedMs).toBeLessThanOrEqual(EVERY_MS);
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it('end in a pause as soon as they are stopped, with the exit code of the last', async () => {
    const clock = new VirtualClock();
    const stop = new AbortController();
    const running = repeat(
      { everyMs: EVERY_MS, runtime: clock, work: async () => 3, onRound: () => stop.abort() },
      stop.signal,
    );
    expect(await clock.run(running)).toBe(3);
  });
});
