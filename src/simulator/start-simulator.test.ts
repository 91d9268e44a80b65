import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readPermissions } from './collections/index.ts';
import { startSimulator } from './start-simulator.ts';

const tiny = { teams: 1, channels: 1, messages: 5, users: 3 };
const withoutChatsAndUsers = () =>
  readPermissions.filter((name) => name !== 'Chat.Read.All' && name !== 'User.Read.All');

describe('startSimulator', () => {
  it('prints as the line that the command promises', async () => {
    const simulator = await startSimulator(tiny);
    try {
      const line = JSON.parse(JSON.stringify(simulator)) as Record<string, unknown>;
      const { url } = simulator;
      expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
      expect(line).toEqual({
        event: 'listening',
        url,
        webhooks: [expect.stringContaining(url), expect.stringContaining(url)],
        env: {
          TEAMS_TENANT_ID: expect.any(String),
          TEAMS_CLIENT_ID: expect.any(String),
          TEAMS_CLIENT_SECRET: expect.any(String),
          TEAMS_GRAPH_URL: `${url}/v1.0`,
          TEAMS_LOGIN_URL: url,
          TEAMS_WEBHOOK_TWIN_HOSTS: new URL(url).host,
          TEAMS_BOT_APP_ID: expect.any(String),
          TEAMS_BOT_APP_SECRET: expect.any(String),
          TEAMS_BOT_TWIN_URL: url,
        },
      });
    } finally {
      await simulator.close();
    }
    await expect(fetch(simulator.url)).rejects.toThrow();
  });

  it('serves HTTPS with a certificate that its own file verifies, and takes the file away', async () => {
    const simulator = await startSimulator({ ...tiny, https: true });
    const path = simulator.env['NODE_EXTRA_CA_CERTS']!;
    const ca = await readFile(path, 'utf8');
    const status = await new Promise((resolve, reject) => {
      request(`${simulator.url}/_twin`, { ca }, (answer) => resolve(answer.resume().statusCode))
        .on('error', reject)
        .end();
    });
    await simulator.close();
    expect(status).toBe(200);
    expect(existsSync(path)).toBe(false);
  });

  it.each([
    { permissions: 'User.Read.All', granted: ['User.Read.All'] },
    { permissions: '-Chat.Read.All, -User.Read.All', granted: withoutChatsAndUsers() },
    { permissions: undefined, granted: [...readPermissions] },
  ])('with --permissions $permissions it grants just that', async ({ permissions, granted }) => {
    const simulator = await startSimulator({ ...tiny, permissions });
    try {
      const answer = await fetch(`${simulator.url}/_twin/permissions`);
      expect(await answer.json()).toEqual({ granted, atOnce: false });
    } finally {
      await simulator.close();
    }
  });

  it.each(['User.Reed.All', '', '-User.Reed.All', 'User.Read.All,-Chat.Read.All'])(
    'refuses --permissions %j, and names what is wrong',
    async (permissions) => {
      await expect(startSimulator({ ...tiny, permissions })).rejects.toMatchObject({
        code: 'twin_input_invalid',
        details: { field: 'permissions' },
      });
    },
  );

  it('loads a tenant from a folder', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sluice-tenant-'));
    const teamId = '11111111-1111-1111-1111-111111111111';
    await writeFile(join(folder, 'users.jsonl'), `${JSON.stringify({ id: 'u1', displayName: 'Ada' })}\n`);
    await writeFile(join(folder, 'teams.jsonl'), `${JSON.stringify({ id: teamId, displayName: 'Loom' })}\n`);
    await writeFile(
      join(folder, 'channels.jsonl'),
      `${JSON.stringify({ id: 'c1', teamId, displayName: 'General' })}\n`,
    );
    await writeFile(join(folder, 'messages.jsonl'), '');
    const simulator = await startSimulator({ tenant: folder });
    const answer = await fetch(`${simulator.url}/_twin/ledger?table=teams`);
    expect(await answer.text()).toBe(`${JSON.stringify({ id: teamId })}\n`);
    await simulator.close();
    await rm(folder, { recursive: true });
  });

  it.each([
    [{}, 0],
    [{ strict: 4 }, 4],
    [{ strict: 4, limits: 'none' as const }, 0],
  ])('with %o throttles %i of 12 requests at once', async (limits, throttled) => {
    const simulator = await startSimulator({ ...tiny, ...limits });
    const { env, url } = simulator;
    const login = await fetch(`${url}/${env['TEAMS_TENANT_ID']}/oauth2/v2.0/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: env['TEAMS_CLIENT_ID']!,
        client_secret: env['TEAMS_CLIENT_SECRET']!,
        scope: 'https://graph.microsoft.com/.default',
      }),
    });
    const { access_token } = (await login.json()) as { access_token: string };
    const requests = Array.from({ length: 12 }, (_, id) => ({ id: String(id), method: 'GET', url: '/teams' }));
    const answer = await fetch(`${env['TEAMS_GRAPH_URL']}/$batch`, {
      method: 'POST',
      headers: { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ requests }),
    });
    const { responses } = (await answer.json()) as { responses: { status: number }[] };
    expect(responses.filter(({ status }) => status === 429).length).toBe(throttled);
    await simulator.close();
  });

  it.each([
    [{ teams: 'none' }, 'teams'],
    [{ limits: 'some' as never }, 'limits'],
    [{ strict: 0.5 }, 'strict'],
    [{ colour: 'red' } as never, 'colour'],
  ])('refuses %o by the option', async (input, field) => {
    await expect(startSimulator(input)).rejects.toMatchObject({ code: 'twin_input_invalid', details: { field } });
  });

  it('says when its port is taken', async () => {
    const first = await startSimulator(tiny);
    const port = Number(new URL(first.url).port);
    await expect(startSimulator({ ...tiny, port })).rejects.toMatchObject({
      code: 'port_unavailable',
      details: { port },
    });
    await first.close();
  });
});
