import { expect, it } from 'vitest';
import { fakeTelemetry } from '../../../test/support/fake-telemetry.ts';
import { VirtualClock } from '../../../test/support/virtual-clock.ts';
import type { TokenSource } from '../../auth/token-source.ts';
import type { HttpRequest } from '../../http/types.ts';
import { Secret } from '../../runtime/secret.ts';
import { botPlace } from '../clouds.ts';
import { createConnector } from './connector.ts';
import { createSpeech } from './speech.ts';

const tokens: TokenSource = {
  token: async () => ({ value: new Secret('token'), issuedAtMs: 0, expiresAtMs: 1, roles: new Set() }),
  invalidate: () => {},
};

const telemetry = fakeTelemetry();
const runtime = new VirtualClock();

function connected(answer: (request: HttpRequest) => unknown = () => ({})) {
  const sent: HttpRequest[] = [];
  const connector = createConnector({
    place: botPlace('public'),
    tokens,
    runtime,
    telemetry,
    pacing: async () => {},
    send: async (request) => {
      sent.push(request);
      return { status: 200, headers: {}, body: Buffer.from(JSON.stringify(answer(request))) };
    },
  });
  return { connector, sent };
}

it.each([
  'https://evil.example/',
  'https://smba.trafficmanager.net.evil.example/',
  'https://smba.trafficmanager.net@evil.example/',
  'https://evil.example/?x=https://smba.trafficmanager.net/',
  'http://smba.trafficmanager.net/',
  'https://smba.infra.gcc.teams.microsoft.com/teams',
  'http://127.0.0.1:8080/',
])('no token and no request goes to %s', async (serviceUrl) => {
  const { connector, sent } = connected();
  const asked = connector({
    method: 'POST',
    serviceUrl,
    route: 'activities',
    conversationId: 'a:1',
    tenantId: 't',
    body: {},
  });
  await expect(asked).rejects.toMatchObject({ code: 'host_not_allowed', surface: 'bot' });
  expect(sent).toEqual([]);
});

it('ids are one segment each, and members are read page after page', async () => {
  const pages = [['ada', 'bob'], ['cyd'], []];
  const { connector, sent } = connected(({ url }) => {
    const at = Number(new URL(url).searchParams.get('continuationToken') ?? 0);
    const continuationToken = at + 1 < pages.length ? String(at + 1) : undefined;
    return { members: pages[at]!.map((id) => ({ id })), continuationToken };
  });
  const people = { from: { id: '29:a' }, recipient: { id: '28:b' } };
  const conversation = { id: '19:x@thread.tacv2;messageid=1/../2' };
  const activity = { type: 'message', channelId: 'msteams', serviceUrl: 'https://smba.trafficmanager.net/emea/' };
  const { signal } = new AbortController();
  const { members } = createSpeech(
    { ...activity, ...people, conversation },
    { connector, signal, runtime, telemetry, tenantId: 't' },
  );
  const ids: string[] = [];
  for await (const { id } of members()) ids.push(id);
  expect(ids).toEqual(['ada', 'bob', 'cyd']);
  const path = '/emea/v3/conversations/19%3Ax%40thread.tacv2%3Bmessageid%3D1%2F..%2F2/pagedMembers';
  expect(sent.map(({ url }) => new URL(url).pathname)).toEqual([path, path, path]);
  expect(sent[0]!.headers).toMatchObject({ authorization: 'Bearer token' });
});
