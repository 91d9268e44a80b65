import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { json, servedSender, servedWebhooks, type TestWebhooks, until } from '../../support/sending.ts';

let twin: TestWebhooks;
beforeAll(async () => {
  twin = await servedWebhooks();
});
afterAll(async () => {
  await twin[Symbol.asyncDispose]();
});

const served = async () =>
  await servedSender({
    receivers: { ops: { webhook: twin.url, too_large: 'shorten' } },
    webhooks: { twin_hosts: [twin.host] },
    routing: { route: { receivers: ['ops'], group_wait: '0s' } },
  });

/** The value of a counter, summed over its labels. */
const counted = (text: string, name: string) =>
  text
    .split('\n')
    .filter((line) => line.startsWith(name))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);

describe('what a served message loses', () => {
  it('is counted, logged, and told of the message', async () => {
    await using sluice = await served();
    const text = `now\u202e ${'word '.repeat(20_000)}`;
    await sluice.post('/v1/notifications', { text });
    type Told = { id: string; charactersNotSent?: number; removedCharacters?: number };
    const list = async () => (json((await sluice.get('/v1/outbox')).body) as { messages: Told[] }).messages;
    await until(async () => (await list()).length > 0);
    const told = json((await sluice.get(`/v1/outbox/${(await list())[0]!.id}`)).body) as Told;
    expect(told.removedCharacters).toBe(1);
    expect(told.charactersNotSent).toBeGreaterThan(50_000);
    const metrics = (await sluice.get('/metrics')).body;
    expect(counted(metrics, 'teams_card_characters_not_sent_total')).toBe(told.charactersNotSent);
    expect(counted(metrics, 'teams_card_characters_removed_total')).toBe(1);
    for (const event of ['card.shortened', 'card.characters_removed']) {
      expect(sluice.lines.filter((line) => line.includes(event))).toHaveLength(1);
    }
  });

  it('is refused at the door when it is all of it, with the path', async () => {
    await using sluice = await served();
    for (const text of [' \n', '\u200b\u2060', '\u202e\u0007']) {
      const { status, body } = await sluice.post('/v1/notifications', { text });
      expect([status, body]).toEqual([400, expect.stringMatching(/body_invalid.*text/s)]);
    }
  });
});
