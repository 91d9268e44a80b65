import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { expect } from 'vitest';
import { Secret } from '../../../src/runtime/secret.ts';
import { selfSigned } from '../../../src/simulator/login/self-signed.ts';
import { serveTwin } from '../../../src/simulator/serve.ts';
import { generateTenant } from '../../../src/simulator/tenant/generator.ts';
import { createTwin } from '../../../src/simulator/twin.ts';
import { withFolder } from '../lake.ts';
import { hourMs, inWorld } from '../reading-world.ts';
import { runSluice } from '../sluice.ts';
import type { Story } from './story.ts';

const certificate: Story = {
  lines: 1,
  expected: 'the certificate that belongs to the key is used, wherever it stands in the file',
  play: async () => {
    const [authority, leaf] = ['authority', 'leaf'].map((commonName) =>
      selfSigned({ commonName, hosts: ['localhost'], nowMs: Date.now() }),
    );
    const tenant = generateTenant({ teams: 1, channels: 1, messages: 2, users: 2, seed: 1, nowMs: Date.now() });
    const clientSecret = new Secret('never asked for');
    const app = {
      clientId: '11111111-1111-4111-8111-111111111111',
      clientSecret,
      certificatePem: leaf!.certificatePem,
    };
    const twin = createTwin({ tenant, app, limits: 'none' });
    const server = await serveTwin({ twin });
    try {
      await withFolder(async (folder) => {
        const file = join(folder, 'certificate.pem');
        await writeFile(file, `${leaf!.privateKeyPem}\n${authority!.certificatePem}\n${leaf!.certificatePem}\n`);
        const { TEAMS_CLIENT_SECRET: _, ...env } = twin.env(server.url);
        const { code, err } = await runSluice(
          ['sync', '--lake', './lake', '--limits', 'none'],
          { ...env, TEAMS_CLIENT_CERTIFICATE: file },
          { cwd: folder },
        );
        expect([code, err]).toEqual([0, expect.any(String)]);
      });
    } finally {
      await server.close();
    }
  },
};

const ids: Story = {
  lines: 1,
  expected: 'a team named in upper case is the same team: the same partition, the same rows',
  play: () =>
    inWorld(
      { real: true, teams: ['0a1b2c3d-0000-4000-8000-000000000001'], messages: [{ ageMs: hourMs }] },
      async (world) => {
        const [team] = (await world.twin.ledger('teams')).map(({ id }) => String(id));
        const sync = (id: string) =>
          world.sluice(['sync', '--lake', world.lake, '--limits', 'none', '--team', id, '--json']);
        expect((await sync(team!)).code).toBe(0);
        expect((await sync(team!.toUpperCase())).code).toBe(0);
        expect(await world.ask('SELECT DISTINCT team_id FROM channels')).toEqual([[team]]);
        expect(await world.count('messages')).toBe(1);
      },
    ),
};

const permissions: readonly Story[] = [
  {
    lines: 1,
    expected: 'with Group.Read.All alone channels are read: Graph decides',
    play: ([one]) =>
      inWorld({ messages: [{ ageMs: hourMs }] }, async (world) => {
        // The team list is not what the case is about: it is granted as well.
        await world.twin.post('/permissions', { granted: [...one.roles, 'Team.ReadBasic.All'] });
        await world.sync();
        expect(await world.count('channels')).toBe(2);
        expect(await world.count('messages')).toBe(1);
      }),
  },
  {
    lines: 1,
    expected: 'a token that cannot be read is used all the same',
    play: () =>
      inWorld({ messages: [{ ageMs: hourMs }] }, async (world) => {
        await world.twin.post('/behaviour', { accessTokens: 'opaque' });
        expect((await world.sync()).outcome).toBe('ok');
        expect(await world.count('messages')).toBe(1);
        expect(await world.count('users')).toBe(3);
      }),
  },
];

/** An HTTP proxy that leads the host `from` to the port `to` and keeps what it was asked for. */
async function startProxy(target: { readonly port: number }) {
  const asked: string[] = [];
  const server = createServer((_, response) => response.writeHead(405).end());
  server.on('connect', (request, socket, head) => {
    asked.push(request.url!);
    const upstream = connect(target.port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.write(head);
      upstream.pipe(socket).pipe(upstream);
    });
    for (const end of [upstream, socket]) end.on('error', () => end.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const proxy: Story = {
  lines: 1,
  expected: 'token and Graph requests go through the proxy; NO_PROXY is kept',
  play: async () => {
    const host = 'graph.corp.invalid';
    const { privateKeyPem, certificatePem } = selfSigned({
      commonName: host,
      hosts: [host, '127.0.0.1'],
      nowMs: Date.now(),
    });
    const tenant = generateTenant({ teams: 1, channels: 1, messages: 2, users: 2, seed: 1, nowMs: Date.now() });
    const twin = createTwin({ tenant, limits: 'none' });
    const server = await serveTwin({ twin, https: { key: privateKeyPem, cert: certificatePem } });
    const through = await startProxy(server);
    try {
      await withFolder(async (folder) => {
        const authorities = join(folder, 'ca.pem');
        await writeFile(authorities, certificatePem);
        const run = (args: readonly string[], env: Record<string, string>) =>
          runSluice(
            args,
            { NODE_EXTRA_CA_CERTS: authorities, HTTPS_PROXY: through.url, NO_PROXY: '127.0.0.1', ...env },
            { cwd: folder },
          );
        const away = twin.env(`https://${host}`);
        const checked = await run(['check'], away);
        expect(checked.code, checked.err).toBe(0);
        const synced = await run(['sync', '--lake', './lake', '--limits', 'none'], away);
        expect(synced.code, synced.err).toBe(0);
        expect([...new Set(through.asked)]).toEqual([`${host}:443`]);
        const before = through.asked.length;
        const direct = await run(['check'], twin.env(server.url));
        expect([direct.code, through.asked.length]).toEqual([0, before]);
      });
    } finally {
      await Promise.all([server.close(), through.close()]);
    }
  },
};

/** Who reads, with what, and by which way. */
export const identityStories = {
  'certificate-files': [certificate],
  ids: [ids],
  'permission-gate': permissions,
  proxy: [proxy],
};
