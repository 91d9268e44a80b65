import { describe, expect, it } from 'vitest';
import { BotService, newKey, published } from '../../../test/support/bot-service.ts';
import { botClouds } from '../clouds.ts';

const [first, second] = [newKey('first'), newKey('second')];
const HOUR_MS = 3_600_000;

/** A bot that knows the first key. */
async function warm() {
  const service = new BotService([first]);
  const bot = service.bot();
  expect((await bot.fetch(service.request())).status).toBe(200);
  service.asked.length = 0;
  const ask = async (key = first) =>
    (await bot.fetch(service.request(service.activity(), `Bearer ${service.token({}, { kid: key.kid }, key)}`))).status;
  return { service, ask };
}

const down = () => new Response('down', { status: 503 });

describe('signing keys', () => {
  it('are fetched once for all who wait, metadata first', async () => {
    const service = new BotService([first]);
    const bot = service.bot();
    const answers = await Promise.all(Array.from({ length: 20 }, () => bot.fetch(service.request())));
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    const { metadataUrl } = botClouds.public;
    expect(service.asked).toEqual([metadataUrl, metadataUrl.replace('openidconfiguration', 'keys')]);
  });

  it('are looked for again when a token names one that is not known, and it is used at once', async () => {
    const { service, ask } = await warm();
    service.keys = [first, second];
    service.clock.advance(31_000);
    expect(await ask(second)).toBe(200);
    expect(service.asked.length).toBe(2);
  });

  it('are not asked for more than once in 30 seconds, however many unknown ones are named', async () => {
    const { service, ask } = await warm();
    service.clock.advance(31_000);
    for (let at = 0; at < 50; at++) {
      expect(await ask(newKeyNamed(`made-up-${at}`))).toBe(401);
      service.clock.advance(500);
    }
    expect(service.asked.length).toBe(2);
    service.clock.advance(31_000);
    expect(await ask(newKeyNamed('again'))).toBe(401);
    expect(service.asked.length).toBe(4);
  });

  it.each<[string, () => Response | Promise<Response>]>([
    ['answers 503', down],
    ['does not answer', () => Promise.reject(new TypeError('fetch failed'))],
    ['gives a portal instead', () => new Response('<html>', { status: 200 })],
    ['redirects', () => new Response(null, { status: 302, headers: { location: 'https://evil.example/' } })],
    ['gives no keys', () => Response.json({ keys: [] })],
  ])('outlive a key server that %s, for days', async (_, instead) => {
    const { service, ask } = await warm();
    service.instead = instead;
    for (let hour = 0; hour < 100; hour += 5) {
      service.clock.advance(5 * HOUR_MS);
      expect(await ask()).toBe(200);
    }
    expect(service.telemetry.logs.map(({ event }) => event)).toContain('bot.keys_failed');
    service.instead = undefined;
    service.clock.advance(31_000);
    service.keys = [second];
    expect(await ask(second)).toBe(200);
    expect(await ask(first)).toBe(401);
  });

  it('are fetched anew after a day, beside the work', async () => {
    const { service, ask } = await warm();
    service.clock.advance(23 * HOUR_MS);
    expect(await ask()).toBe(200);
    expect(service.asked).toEqual([]);
    service.clock.advance(2 * HOUR_MS);
    service.keys = [second];
    expect(await ask()).toBe(200);
    await expect.poll(() => ask()).toBe(401);
  });

  it('that are not to be had at the start are an outage, told as 503, and are asked for again', async () => {
    const service = new BotService([first]);
    service.instead = down;
    const bot = service.bot();
    expect((await bot.fetch(service.request())).status).toBe(503);
    expect(service.refusals).toEqual(['keys-unavailable']);
    service.instead = undefined;
    expect((await bot.fetch(service.request())).status).toBe(503);
    service.clock.advance(31_000);
    expect((await bot.fetch(service.request())).status).toBe(200);
  });

  it('do not hang a request on a key server that does', async () => {
    const service = new BotService([first]);
    service.instead = (_, init) =>
      new Promise((_resolve, reject) => {
        init?.signal?.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')));
      });
    const answer = service.bot().fetch(service.request());
    expect((await service.clock.run(answer)).status).toBe(503);
  });
});

const { issuer, metadataUrl } = botClouds.public;
const keysUrl = metadataUrl.replace('openidconfiguration', 'keys');
const metadata = { issuer, jwks_uri: keysUrl, id_token_signing_alg_values_supported: ['RS256'] };

describe('what the key server gives is not used', () => {
  it.each<[string, object]>([
    ['with another issuer', { issuer: botClouds.china.issuer }],
    ['without an issuer', { issuer: undefined }],
    ['with keys at another host', { jwks_uri: 'https://evil.example/keys' }],
    ['with keys by http', { jwks_uri: keysUrl.replace('https', 'http') }],
    ['with keys at another port', { jwks_uri: 'https://login.botframework.com:444/keys' }],
    ['without RS256', { id_token_signing_alg_values_supported: ['none', 'HS256'] }],
    ['without algorithms', { id_token_signing_alg_values_supported: undefined }],
  ])('%s', async (_, change) => {
    const service = new BotService([first]);
    const asked: string[] = [];
    service.instead = (url) => {
      asked.push(url);
      return Response.json(url === metadataUrl ? { ...metadata, ...change } : { keys: [published(first)] });
    };
    expect((await service.bot().fetch(service.request())).status).toBe(503);
    expect(asked).toEqual([metadataUrl]);
  });

  it.each<[string, object]>([
    ['a key of another kind', { kty: 'EC' }],
    ['a key for encryption', { use: 'enc' }],
    ['a key without a modulus', { n: undefined }],
    ['a key whose modulus is none', { n: '!' }],
    ['a key that is too short', { n: 'AQAB' }],
    ['a key without an id', { kid: undefined }],
  ])('%s', async (_, change) => {
    const service = new BotService([first]);
    service.instead = (url) =>
      Response.json(url === metadataUrl ? metadata : { keys: [{ ...published(first), ...change }, published(second)] });
    expect((await service.bot().fetch(service.request())).status).toBe(401);
    expect(service.refusals).toEqual(['unknown-key']);
  });
});

const newKeyNamed = (kid: string) => ({ ...first, kid });
