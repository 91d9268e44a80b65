// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates write placeholders this way
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cli } from '../../support/cli.ts';
import { json, servedSender, servedWebhooks, type TestWebhooks, until } from '../../support/sending.ts';

let twin: TestWebhooks;
beforeAll(async () => {
  twin = await servedWebhooks();
});
afterAll(async () => {
  await twin[Symbol.asyncDispose]();
});

const served = async (more: object = {}, files: Readonly<Record<string, unknown>> = {}) =>
  await servedSender(
    {
      receivers: { ops: { webhook: twin.url, too_large: 'shorten' } },
      webhooks: { twin_hosts: [twin.host] },
      routing: { route: { receivers: ['ops'], group_wait: '0s' } },
      ...more,
    },
    { files },
  );

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

  it('is told by `outbox list --json`, both counts beside their message', async () => {
    await using sluice = await served();
    await sluice.post('/v1/notifications', { text: `now\u202e ${'word '.repeat(20_000)}` });
    await sluice.post('/v1/notifications', { text: 'whole' });
    const listed = async () => {
      const { out } = await cli(['outbox', 'list', '--config', sluice.file, '--json']);
      const lines = out.split('\n').filter((line) => line !== '');
      return lines.map((line) => JSON.parse(line) as { charactersNotSent?: number; removedCharacters?: number });
    };
    await until(async () => (await listed()).length === 2);
    const [short, ...others] = (await listed()).filter(({ charactersNotSent = 0 }) => charactersNotSent > 0);
    expect(short).toMatchObject({ charactersNotSent: expect.any(Number), removedCharacters: 1 });
    expect(short!.charactersNotSent).toBeGreaterThan(50_000);
    expect(others).toEqual([]);
  });

  it('is refused at the door when it is all of it, with the path', async () => {
    await using sluice = await served();
    for (const text of [' \n', '\u200b\u2060', '\u202e\u0007']) {
      const { status, body } = await sluice.post('/v1/notifications', { text });
      expect([status, body]).toEqual([400, expect.stringMatching(/body_invalid.*text/s)]);
    }
  });
});

describe('a link of the data that may not be used', () => {
  it('is counted, and named by its place in the template, which is used without it', async () => {
    const mine = {
      type: 'AdaptiveCard',
      version: '1.4',
      backgroundImage: '${alerts[0].annotations.canary}',
      body: [{ type: 'TextBlock', text: 'MINE ${alerts[0].labels.alertname}', wrap: true }],
      actions: [
        { type: 'Action.OpenUrl', title: 'Go', url: 'https://x.example', iconUrl: '${alerts[0].annotations.canary}' },
      ],
    };
    await using sluice = await served(
      { receivers: { ops: { webhook: twin.url, template: 'mine' } }, templates: { mine: 'mine.json' } },
      { 'mine.json': mine },
    );
    const annotations = { canary: 'http://user:canary@10.0.0.5/x.png' };
    const alert = { status: 'firing', labels: { alertname: 'Tp' }, annotations, startsAt: '2026-01-05T12:00:00Z' };
    await sluice.post('/v1/alerts/alertmanager', { version: '4', groupKey: 'g', alerts: [alert] });
    await until(async () => (await twin.channel('ops')).includes('MINE Tp'));
    expect(counted((await sluice.get('/metrics')).body, 'teams_card_links_refused_total')).toBe(2);
    const [line, ...others] = sluice.lines.filter((one) => one.includes('card.links_refused'));
    expect(JSON.parse(line!)).toMatchObject({
      receiver: 'ops',
      count: 2,
      places: [expect.stringMatching(/^\$\.backgroundImage: /), expect.stringMatching(/^\$\.actions\[0\]\.iconUrl: /)],
    });
    expect(others).toEqual([]);
    expect(sluice.lines.join('\n')).not.toMatch(/canary|10\.0\.0\.5|card\.fell_back/);
  });
});
