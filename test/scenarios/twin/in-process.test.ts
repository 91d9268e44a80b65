import { describe, expect, it } from 'vitest';
import { faultRuleSchema } from '../../../src/simulator/faults/fault-rule.ts';
import { createTwin } from '../../../src/simulator/twin.ts';
import { fastRuntime } from '../../support/fast-runtime.ts';
import { smallTenant } from '../../support/served-twin.ts';

const origin = 'https://twin.test';

/** A twin without a socket, and a fetch that holds a token. */
async function inProcess() {
  const twin = createTwin({ tenant: smallTenant(), limits: 'none', runtime: fastRuntime(1) });
  const env = twin.env(origin);
  const login = await twin.fetch(
    new Request(`${origin}/${env['TEAMS_TENANT_ID']}/oauth2/v2.0/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: env['TEAMS_CLIENT_ID']!,
        client_secret: env['TEAMS_CLIENT_SECRET']!,
        scope: 'https://graph.microsoft.com/.default',
      }),
    }),
  );
  const { access_token } = (await login.json()) as { access_token: string };
  const get = (path: string, signal?: AbortSignal) =>
    twin.fetch(
      new Request(`${origin}${path}`, {
        headers: { authorization: `Bearer ${access_token}` },
        ...(signal && { signal }),
      }),
    );
  const fault = (kind: string) => twin.faults.add(faultRuleSchema.parse({ kind, times: 1 }));
  return { twin, get, fault };
}

describe('the twin as a fetch handler', () => {
  it('serves login, Graph and control; links lead back to the origin it was called by', async () => {
    const { get } = await inProcess();
    const page = (await (await get('/v1.0/users?$top=5')).json()) as Record<string, string> & { value: unknown[] };
    expect(page.value.length).toBe(5);
    expect(page['@odata.nextLink']).toMatch(/^https:\/\/twin\.test\/v1\.0\/users\?/);
    expect((await get('/_twin/requests')).status).toBe(200);
    expect((await get('/elsewhere')).status).toBe(404);
  });

  it.each(['reset', 'cut-off', 'wrong-length'])('%s looks as it does to fetch', async (kind) => {
    const { get, fault } = await inProcess();
    fault(kind);
    await expect(get('/v1.0/teams').then((answer) => answer.text())).rejects.toThrow('fetch failed');
    expect((await get('/v1.0/teams')).status).toBe(200);
  });

  it('a hanging answer ends with the signal', async () => {
    const { get, fault } = await inProcess();
    fault('hang');
    await expect(get('/v1.0/teams', AbortSignal.timeout(50))).rejects.toThrow(/timeout/);
  });
});
