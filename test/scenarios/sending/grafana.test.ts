import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { cardToText } from '../../../src/cards/index.ts';
import { BEGIN_MS } from '../../support/fast-runtime.ts';
import { json, servedSender, servedWebhooks, until } from '../../support/sending.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const HOUR_MS = 3_600_000;
const recorded = async (name: string) =>
  await readFile(new URL(`../../fixtures/grafana/${name}.json`, import.meta.url), 'utf8');

interface Posted {
  readonly text: string;
  readonly json: string;
}

it('says what Grafana says over days: values, picture, its links, what it left out; repeats; a resolution it said', async () => {
  const runtime = new VirtualClock({ seed: 1, startMs: BEGIN_MS });
  await using twin = await servedWebhooks(['ops']);
  await using sluice = await servedSender(
    {
      receivers: { ops: { webhook: twin.url, timezone: 'Europe/Berlin' } },
      webhooks: { twin_hosts: [twin.host] },
    },
    { runtime },
  );
  const firing = await recorded('firing');
  const channel = async (): Promise<Posted[]> => {
    const answer = await fetch(`${twin.base}/_twin/channel?webhook=ops&format=json`);
    const { posts } = (await answer.json()) as { posts: { cards: { card: unknown }[] }[] };
    return posts.map(({ cards: [first] }) => ({
      text: cardToText(first!.card, { width: 400 }),
      json: JSON.stringify(first!.card),
    }));
  };
  const take = async (body: string, posts: number) => {
    const answer = await sluice.post('/v1/alerts/grafana', body);
    expect([answer.status, json(answer.body)]).toEqual([202, expect.not.objectContaining({ odd: expect.anything() })]);
    await until(async () => (await channel()).length === posts);
    return (await channel()).at(-1)!;
  };

  const first = await take(firing, 1);
  const expected = [
    '2 firing: ',
    'Firing · warning · Memory of us-1 is at 91 %',
    'The system has high memory usage',
    '91.2394',
    'Firing · DatasourceNoData',
    '3 more left out by the sender.',
    '2026-06-02 09:51:03 +02:00 Europe/Berlin',
  ];
  expect(
    expected.filter((text) => !first.text.includes(text)),
    first.text,
  ).toEqual([]);
  const urls = (JSON.parse(firing) as { alerts: Record<string, string>[] }).alerts.flatMap((alert) =>
    ['generatorURL', 'silenceURL', 'dashboardURL', 'panelURL', 'imageURL'].map((name) => alert[name] ?? ''),
  );
  const links = [...new Set(urls.filter(Boolean)), 'https://runbooks.example.com/memory'];
  expect(links).toHaveLength(7);
  expect(links.filter((url) => !first.json.includes(JSON.stringify(url).slice(1, -1)))).toEqual([]);

  // Grafana's repeat, every four hours, is a message each time. While it says nothing, nothing is said.
  for (let repeat = 2; repeat <= 4; repeat += 1) {
    runtime.advance(4 * HOUR_MS);
    await take(firing, repeat);
  }
  for (let hours = 0; hours < 60; hours += 1) runtime.advance(HOUR_MS);
  await take(await recorded('resolved'), 5);
  const texts = (await channel()).map(({ text }) => text);
  expect(texts.filter((text) => /resolved/i.test(text))).toEqual([texts[4]]);
  expect(texts[4]).toMatch(/Resolved: [\s\S]*Resolved · warning · Memory of us-1[\s\S]*3 d 2 h/);
});
