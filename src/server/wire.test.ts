import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
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

describe('the limits of a request', () => {
  const twin = (port: number, resilience: object) =>
    configSchema({ environment: {}, folder: '.' }).parse({
      resilience,
      webhooks: { twin_hosts: [`127.0.0.1:${port}`] },
    });

  /** Listens, and never says a word. */
  async function refusal(scheme: string, resilience: object): Promise<unknown> {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const config = twin(port, resilience);
    const wire = new Wire({ config: () => config, runtime: systemRuntime, telemetry: fakeTelemetry() });
    const url = `${scheme}://127.0.0.1:${port}/`;
    const error = await wire.send({ ...request('silent'), url, body: '{}' }).catch((thrown: unknown) => thrown);
    await wire.close();
    silent.close();
    return error;
  }

  it('end one that is not answered: it may have been posted', async () => {
    const error = await refusal('http', { request_timeout_ms: 150 });
    expect(error).toMatchObject({ code: 'timeout', details: { timeoutMs: 150 } });
  });

  it('end a connection that does not open: nothing was sent', async () => {
    const error = await refusal('https', { connection_timeout_ms: 150 });
    expect(error).toMatchObject({ code: 'timeout', details: { sent: false } });
  });

  it('pause an endpoint for the time that was asked for', async () => {
    const config = twin(1, { circuit_breaker_threshold: 1, circuit_breaker_timeout_ms: 700 });
    const failing = async () => ({ status: 503, headers: {}, body: Buffer.of() });
    const wire = new Wire({
      config: () => config,
      runtime: systemRuntime,
      telemetry: fakeTelemetry(),
      send: failing,
    });
    await wire.send(request('dead'));
    await expect(wire.send(request('dead'))).rejects.toMatchObject({ code: 'circuit_open', retryAfterMs: 700 });
  });
});
