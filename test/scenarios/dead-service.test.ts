import { expect, it } from 'vitest';
import { createGraphClient } from '../../src/graph/client.ts';
import { createGovernor } from '../../src/limits/governor.ts';
import { Secret } from '../../src/runtime/secret.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

/** Retry budget and breaker against a dead service (reliability rule R14). */
it('is not hammered: the breaker opens after five calls, the next wait a minute for it, and the rest fail at once', async () => {
  const clock = new VirtualClock();
  let sent = 0;
  const client = createGraphClient({
    identity: {
      token: async () => ({
        value: new Secret('t'),
        issuedAtMs: 0,
        expiresAtMs: Number.MAX_SAFE_INTEGER,
        roles: new Set(),
      }),
      invalidate: () => {},
    },
    graphUrl: 'https://graph.example/v1.0',
    runtime: clock,
    governor: createGovernor({ runtime: clock, limits: [] }),
    send: async () => {
      sent++;
      return { status: 503, headers: {}, body: new Uint8Array() };
    },
  });
  const codes: string[] = [];
  for (let call = 0; call < 100; call++) {
    const page = client.page({ url: '/teams', route: '/teams' });
    codes.push(
      await clock.run(
        page.then(
          () => 'ok',
          (error: { code: string }) => error.code,
        ),
      ),
    );
  }
  const probes = sent / 5 - 5;
  // One probe every ten seconds of a minute, or fewer: each takes its own time.
  expect(probes).toBeGreaterThan(1);
  expect(probes).toBeLessThanOrEqual(6);
  expect(codes.slice(0, 5 + probes)).toEqual(Array(5 + probes).fill('service_error'));
  expect(new Set(codes.slice(5 + probes))).toEqual(new Set(['circuit_open']));
  await client.close();
});
