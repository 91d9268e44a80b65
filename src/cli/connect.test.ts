import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { accessToken, json, startServer } from '../../test/support/http-server.ts';
import { withConnection } from './connect.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-connect-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('reads the tenant as the configuration file says', async () => {
  const server = await startServer(({ url }, response) => {
    const token = { token_type: 'Bearer', expires_in: 3600, access_token: accessToken([]) };
    if (url.includes('/oauth2/')) json(response, 200, token);
    else json(response, 503, {});
  });
  const file = join(folder, 'sluice.yaml');
  const auth = { tenant_id: '11111111-2222-3333-4444-555555555555', client_id: 'c', client_secret: 's' };
  const endpoints = { graph_url: `${server.url}/v1.0`, login_url: server.url };
  const resilience = { max_retries: 1, initial_backoff_ms: 1, circuit_breaker_threshold: 1 };
  writeFileSync(file, JSON.stringify({ auth, endpoints, resilience, log_level: 'silent' }));
  const codes = await withConnection({ file, environment: {}, limits: 'none' }, async ({ graph }) => {
    const page = (signal?: AbortSignal) =>
      graph
        .page({ url: '/teams', route: '/teams' }, signal)
        .catch(({ code, name }) => (typeof code === 'string' ? code : name));
    // The circuit is open: the second waits for it, and is called off.
    return [await page(), await page(AbortSignal.timeout(500))];
  });
  expect(codes).toEqual(['service_error', 'TimeoutError']);
  expect(server.requests.filter(({ url }) => url.startsWith('/v1.0/'))).toHaveLength(2);
  await server.close();
});
