import { expect, it } from 'vitest';
import { fakeTelemetry } from '../../test/support/fake-telemetry.ts';
import { configSchema } from '../config/schema.ts';
import type { HttpRequest } from '../http/types.ts';
import { systemRuntime } from '../runtime/runtime.ts';
import { Wire } from './wire.ts';

const configOf = (threshold: number) =>
  configSchema({ environment: {}, folder: '.' }).parse({ resilience: { circuit_breaker_threshold: threshold } });

const request = (webhook: string): HttpRequest => ({
  method: 'POST',
  url: 'https://example.com/',
  route: '/webhook',
  ids: { webhook },
});

it('leaves a failing webhook alone, and no other; nothing was sent then', async () => {
  let config = configOf(2);
  const telemetry = fakeTelemetry();
  const gauges: object[] = [];
  const asked: string[] = [];
  const wire = new Wire({
    config: () => config,
    runtime: systemRuntime,
    telemetry: { ...telemetry, gauge: (name, value, labels) => gauges.push({ name, value, labels }) },
    send: async ({ ids }) => {
      asked.push(ids!['webhook']!);
      return { status: ids!['webhook'] === 'dead' ? 503 : 202, headers: {}, body: Buffer.of() };
    },
  });
  for (let count = 0; count < 2; count++) expect((await wire.send(request('dead'))).status).toBe(503);
  await expect(wire.send(request('dead'))).rejects.toMatchObject({ code: 'circuit_open', details: { sent: false } });
  expect((await wire.send(request('alive'))).status).toBe(202);
  expect(asked).toEqual(['dead', 'dead', 'alive']);
  expect(gauges).toEqual([{ name: 'teams.circuit_breaker.state', value: 2, labels: { endpoint: 'dead' } }]);

  config = configOf(9);
  expect((await wire.send(request('dead'))).status, 'a new configuration starts anew').toBe(503);
});
