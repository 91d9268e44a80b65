import { expect, it } from 'vitest';
import { fakeTelemetry } from '../../test/support/fake-telemetry.ts';
import { VirtualClock } from '../../test/support/virtual-clock.ts';
import { SluiceError } from '../errors/sluice-error.ts';
import { LoopHealth, loopNames } from './loop-health.ts';

const refused = () => {
  throw new SluiceError({ code: 'broken', recovery: 'retry', surface: 'server', message: 'Broken.' });
};

it.each(loopNames)('goes on with the loop %s whatever happens in a round, and says when none goes well', (loop) => {
  const telemetry = fakeTelemetry();
  const health = new LoopHealth(new VirtualClock({ seed: 1, startMs: 1_000 }), telemetry);
  for (let round = 0; round < 3; round += 1) {
    expect(health.stalled()).toEqual([]);
    expect(health.round(loop, refused)).toBe(false);
  }
  expect(health.stalled()).toEqual([{ loop, code: 'broken', sinceMs: 1_000 }]);
  expect(health.round(loop, () => {})).toBe(true);
  expect(health.stalled()).toEqual([]);
  expect(telemetry.counts).toEqual(Array(3).fill({ name: 'sluice.loop.failures', value: 1, labels: { loop } }));
  expect(telemetry.logs.map(({ event }) => event)).toEqual([
    ...Array(3).fill('loop.failed'),
    'loop.stalled',
    'loop.recovered',
  ]);
});

it('names nothing of what was thrown but its code', () => {
  const telemetry = fakeTelemetry();
  const health = new LoopHealth(new VirtualClock({ seed: 1 }), telemetry);
  health.round('config', () => {
    throw new Error('canary');
  });
  expect(telemetry.logs).toEqual([{ event: 'loop.failed', fields: { loop: 'config', code: 'unexpected' } }]);
});

it('knows the loops of the outbox by what its workers tell', () => {
  const health = new LoopHealth(new VirtualClock({ seed: 1 }), fakeTelemetry());
  for (const operation of ['claim', 'settle', 'housekeeping'] as const) {
    for (let times = 0; times < 3; times += 1) health.observe({ kind: 'store_failed', operation, error: undefined });
  }
  expect(health.stalled().map(({ loop }) => loop)).toEqual(['outbox', 'settlement', 'housekeeping']);
  health.observe({ kind: 'store_answered', operation: 'settle' });
  expect(health.stalled().map(({ loop }) => loop)).toEqual(['outbox', 'housekeeping']);
});
