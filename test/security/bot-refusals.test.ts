import { describe, expect, it } from 'vitest';
import { refusals } from '../../src/bot/index.ts';
import {
  refusalCases as cases,
  cloudNames,
  conversation,
  refusalKeys as keys,
  type RefusedFor,
  second,
  seconds,
} from '../support/bot-refusal-cases.ts';
import { APP_ID, BotService } from '../support/bot-service.ts';

describe('the endpoint of a bot refuses', () => {
  it.each(cases)('$name: $reason', async ({ request, reason, cloud }) => {
    const service = new BotService(keys, cloud);
    const seen: unknown[] = [];
    const bot = service.bot().use((context) => void seen.push(context));
    const answer = await bot.fetch(request(service));
    expect(service.refusals).toEqual([reason]);
    expect(seen).toEqual([]);
    const status = reason in refusals ? refusals[reason as keyof typeof refusals].status : undefined;
    expect(answer.status).toBe(
      status ?? { content_type: 415, body_too_large: 413, activity_invalid: 400 }[reason as 'content_type'],
    );
    // The reason is for the log alone.
    expect(await answer.text()).toBe('');
  });

  it('in at least 120 ways, each by its own name', () => {
    expect(cases.length).toBeGreaterThanOrEqual(120);
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
  });

  it('for every reason that there is, but the outage of the key server', () => {
    const reasons = new Set(cases.map(({ reason }) => reason));
    expect(Object.keys(refusals).filter((reason) => !reasons.has(reason as RefusedFor))).toEqual(['keys-unavailable']);
  });
});

describe('the endpoint of a bot takes', () => {
  const taken: readonly [string, (service: BotService) => Request][] = [
    ['a message as Teams sends it', (s) => s.request()],
    ['cty: JWT, as it occurs', (s) => s.request(s.activity(), `Bearer ${s.token({}, { cty: 'JWT' })}`)],
    ['the scheme in small letters', (s) => s.request(s.activity(), `bearer ${s.token()}`)],
    [
      'a token that ended, within the tolerance',
      (s) => s.request(s.activity(), `Bearer ${s.token({ nbf: 1, exp: seconds(s) - 299 })}`),
    ],
    [
      'a token that begins, within the tolerance',
      (s) => s.request(s.activity(), `Bearer ${s.token({ nbf: seconds(s) + 300 })}`),
    ],
    ['ids in capitals', (s) => s.request(s.activity({ recipient: { id: `28:${APP_ID.toUpperCase()}` } }))],
    ['the tenant in channelData alone', (s) => s.request(s.activity({ conversation }))],
    ['another published key', (s) => s.request(s.activity(), `Bearer ${s.token({}, { kid: 'second' }, second)}`)],
  ];

  it.each(taken)('%s', async (_, request) => {
    const service = new BotService(keys);
    expect(
      (
        await service
          .bot()
          .on('message', () => {})
          .fetch(request(service))
      ).status,
    ).toBe(200);
    expect(service.outcomes).toEqual(['handled']);
  });

  it.each(cloudNames)('a message of its own cloud: %s', async (cloud) => {
    const service = new BotService(keys, cloud);
    expect((await service.bot().fetch(service.request())).status).toBe(200);
  });
});
