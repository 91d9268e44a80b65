import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPermissions } from '../../src/simulator/collections/index.ts';
import { selfSigned } from '../../src/simulator/login/self-signed.ts';
import { type ServedTwin, serveTwin } from '../../src/simulator/serve.ts';
import { generateTenant } from '../../src/simulator/tenant/generator.ts';
import { createTwin, type Twin } from '../../src/simulator/twin.ts';

const run = promisify(execFile);
const nowMs = Date.now();
const tenant = generateTenant({ teams: 2, channels: 2, messages: 60, users: 12, seed: 3, nowMs });
const server = selfSigned({ commonName: 'Sluice twin', hosts: ['localhost', '127.0.0.1'], nowMs });
const app = selfSigned({ commonName: 'app', hosts: [], nowMs });

let folder: string;
let twin: Twin;
let served: ServedTwin;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-interop-'));
  await writeFile(join(folder, 'ca.pem'), server.certificatePem);
  await writeFile(join(folder, 'app.key'), app.privateKeyPem, { mode: 0o600 });
  await writeFile(join(folder, 'app.pem'), app.certificatePem);
  twin = createTwin({
    tenant,
    limits: 'none',
    behaviour: { shortPages: 0 },
    app: { certificatePem: app.certificatePem },
  });
  served = await serveTwin({ twin, https: { key: server.privateKeyPem, cert: server.certificatePem } });
});

afterAll(async () => {
  await served.close();
  await rm(folder, { recursive: true });
});

/** Runs a client as its own process, which trusts the twin's certificate the way any Node program is made to. */
async function client(name: string, extra: Record<string, string> = {}): Promise<Record<string, unknown>> {
  const script = fileURLToPath(new URL(`./clients/${name}.mjs`, import.meta.url));
  const env = {
    PATH: process.env['PATH'],
    NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem'),
    ...twin.env(served.url),
    ...extra,
  };
  const { stdout } = await run(process.execPath, [script], { env });
  return JSON.parse(stdout) as Record<string, unknown>;
}

/** Messages in the tenant, roots and replies. */
function messageCount(): number {
  const channels = tenant.teams().flatMap(({ id }) => tenant.channels(id));
  const roots = channels.flatMap(({ id }) => tenant.roots(id));
  return roots.reduce((sum, root) => sum + 1 + tenant.replies(root).length, 0);
}

describe('public clients read the twin unchanged, over HTTPS', () => {
  it("Microsoft's Graph client with MSAL: every message of every channel", async () => {
    expect(await client('graph-client')).toEqual({ teams: 2, messages: messageCount() });
  });

  it('PnP Graph with its Node defaults', async () => {
    const team = tenant.teams()[0]!;
    const channels = tenant.channels(team.id);
    expect(await client('pnp')).toEqual({
      users: tenant.users().length,
      webUrl: team.webUrl,
      channels: channels.length,
      messages: Math.min(20, tenant.roots(channels[0]!.id).length),
    });
  });

  it('MSAL with a certificate', async () => {
    const files = { APP_KEY: join(folder, 'app.key'), APP_CERTIFICATE: join(folder, 'app.pem') };
    expect(await client('msal', { ...files, APP_THUMBPRINT: app.thumbprintSha256 })).toEqual({
      status: 200,
      roles: readPermissions,
      aud: 'https://graph.microsoft.com',
      tid: tenant.id,
    });
  });
});
