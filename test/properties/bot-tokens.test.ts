import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BotService, encode, newKey } from '../support/bot-service.ts';

const own = newKey('own');
const stranger = newKey('own');

/** A bot that counts what reached its handlers. */
function bot() {
  const service = new BotService([own]);
  let taken = 0;
  const { fetch } = service.bot().use(() => {
    taken++;
  });
  return { service, fetch, taken: () => taken };
}

it('a token of which any one character is another, missing or there twice is refused', async () => {
  const { service, fetch, taken } = bot();
  const good = service.token();
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.';
  const mutation = fc.record({
    at: fc.nat(good.length - 1),
    how: fc.constantFrom('replace', 'remove', 'repeat', 'insert'),
    character: fc.constantFrom(...alphabet),
  });
  await fc.assert(
    fc.asyncProperty(mutation, async ({ at, how, character }) => {
      const kept = { replace: character, remove: '', repeat: good[at]!.repeat(2), insert: character + good[at]! }[how];
      const mutated = good.slice(0, at) + kept + good.slice(at + 1);
      fc.pre(mutated !== good);
      const { status } = await fetch(service.request(service.activity(), `Bearer ${mutated}`));
      expect(status).toBe(401);
    }),
    { numRuns: 600 },
  );
  expect(taken()).toBe(0);
  expect((await fetch(service.request(service.activity(), `Bearer ${good}`))).status).toBe(200);
});

it('parts of good and foreign tokens put together are refused, unless they are the good one', async () => {
  const { service, fetch, taken } = bot();
  const good = service.token();
  const others = [service.token({ jti: '1' }), service.token({}, {}, stranger), service.token({ aud: 'x' })];
  const pieces = [good, ...others].flatMap((token) => token.split('.'));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 4 }), async (chosen) => {
      const token = chosen.join('.');
      // Good by themselves: the token, and the one with a further claim.
      fc.pre(token !== good && token !== others[0]);
      expect((await fetch(service.request(service.activity(), `Bearer ${token}`))).status).toBe(401);
    }),
    { numRuns: 300 },
  );
  expect(taken()).toBe(0);
});

it('claims and headers of any JSON, signed by a stranger, are refused and nothing is thrown', async () => {
  const { service, fetch, taken } = bot();
  await fc.assert(
    fc.asyncProperty(fc.jsonValue(), fc.jsonValue(), async (header, claims) => {
      const head = typeof header === 'object' && header !== null && !Array.isArray(header) ? header : { header };
      const signed = service.token(Object(claims), head as Readonly<Record<string, unknown>>, stranger);
      const bare = `${encode(header)}.${encode(claims)}.${signed.split('.')[2]}`;
      for (const token of [signed, bare]) {
        expect((await fetch(service.request(service.activity(), `Bearer ${token}`))).status).toBe(401);
      }
    }),
    { numRuns: 300 },
  );
  expect(taken()).toBe(0);
});

it('bodies of any kind behind a good token end with 200, 400 or 403', async () => {
  const { service, fetch } = bot();
  await fc.assert(
    fc.asyncProperty(fc.jsonValue(), fc.dictionary(fc.string(), fc.jsonValue()), async (body, fields) => {
      for (const activity of [body, { ...service.activity(), ...fields }]) {
        const { status } = await fetch(service.request(activity));
        expect([200, 400, 403, 501]).toContain(status);
      }
    }),
    { numRuns: 300 },
  );
});
