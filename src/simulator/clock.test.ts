import { describe, expect, it } from 'vitest';
import { createClock } from './clock.ts';

describe("the tenant's clock", () => {
  it('runs beside the real one, moved and at its rate', () => {
    const real = { ms: 1_000, now: () => real.ms };
    const clock = createClock(real);
    real.ms += 500;
    expect(clock.now()).toBe(1_500);
    clock.advance(10_000);
    expect(clock.now()).toBe(11_500);
    clock.setRate(60);
    real.ms += 1_000;
    expect(clock.now()).toBe(71_500);
    clock.set(5);
    expect([clock.now(), clock.rate]).toEqual([5, 60]);
    clock.setRate(0);
    real.ms += 1_000;
    expect(clock.now()).toBe(5);
  });
});
