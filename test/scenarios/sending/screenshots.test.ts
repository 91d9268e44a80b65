import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumProgram, type Screen, startChromium, type TestBrowser } from '../../support/chromium.ts';
import { BEGIN_MS } from '../../support/fast-runtime.ts';
import { LOOK_AT, type LookedAt } from '../../support/looked-at.ts';
import { servedSender, servedWebhooks, until } from '../../support/sending.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

/** Where to keep the pictures, for a person who wants to look at them. */
const KEPT = process.env['SLUICE_SCREENSHOTS'];

const MINUTE_MS = 60_000;
const at = (minutesBefore: number) => new Date(BEGIN_MS - minutesBefore * MINUTE_MS).toISOString();

const disk = (instance: string, state: object = {}) => ({
  status: 'firing',
  labels: { alertname: 'DiskFull', severity: 'critical', cluster: 'eu-1', team: 'storage', instance },
  annotations: {
    summary: `Disk of ${instance} is full`,
    description: `/var/lib/postgresql on ${instance} has 3 % left (limit 10 %).\nWrites fail when it is full.`,
    runbook_url: 'https://runbooks.example.com/disk',
  },
  startsAt: at(12),
  endsAt: '0001-01-01T00:00:00Z',
  generatorURL: `http://prometheus:9090/graph?g0.expr=disk&instance=${encodeURIComponent(instance)}`,
  ...state,
});

const alertmanager = (alerts: readonly object[]) => ({
  path: '/v1/alerts/alertmanager',
  body: JSON.stringify({
    version: '4',
    groupKey: '{}:{alertname="DiskFull"}',
    truncatedAlerts: 0,
    status: 'firing',
    receiver: 'teams',
    groupLabels: { alertname: 'DiskFull' },
    commonLabels: {},
    commonAnnotations: {},
    externalURL: 'http://alertmanager:9093',
    alerts,
  }),
});

const severities = ['critical', 'warning', 'info', 'page', 'none'];
const five = severities.map((severity, index) => {
  const one = disk(`db-${index + 1}:9100`, { startsAt: at(10 + index) });
  return { ...one, labels: { ...one.labels, severity } };
});

const over = Array.from({ length: 60 }, (_, index) =>
  disk(`db-${index + 2}:9100`, { status: 'resolved', startsAt: at(600 - index), endsAt: at(60 + index) }),
);

const grafana = await readFile(new URL('../../fixtures/grafana/firing.json', import.meta.url), 'utf8');

/** What is posted, and the words of which a person must see the first ones without scrolling. */
const STORIES = {
  'one alert': {
    ...alertmanager([disk('db-1:9100')]),
    title: 'Firing: DiskFull',
    atOnce: ['Firing · critical · Disk of db-1:9100 is full', '3 % left (limit 10 %)'],
    pictures: 0,
  },
  'a group of five': {
    ...alertmanager(five),
    title: '5 firing: DiskFull',
    atOnce: ['Firing · critical · Disk of db-1:9100 is full'],
    pictures: 0,
  },
  '61 with 60 resolved': {
    ...alertmanager([...over, disk('db-1:9100')]),
    title: '1 firing, 60 resolved: DiskFull',
    atOnce: ['Firing · critical · Disk of db-1:9100 is full', '3 % left (limit 10 %)'],
    pictures: 0,
  },
  'Grafana with a picture': {
    path: '/v1/alerts/grafana',
    body: grafana,
    title: '2 firing: DatasourceNoData, High memory usage',
    atOnce: [
      '3 more left out by the sender.',
      'Firing · DatasourceNoData',
      'Firing · warning · Memory of us-1 is at 91 %',
    ],
    pictures: 1,
  },
} as const;

const SCREENS = {
  web: { width: 1_280, height: 900, isPhone: false },
  phone: { width: 375, height: 740, isPhone: true },
} as const satisfies Record<string, Screen>;

const PICTURE = `<svg xmlns="http://www.w3.org/2000/svg" width="1000" height="500"><rect width="1000" height="500" fill="#181b1f"/>
<path d="M0 420L200 380L400 400L600 300L800 120L1000 60" stroke="#73bf69" stroke-width="6" fill="none"/></svg>`;

const program = chromiumProgram();

describe.skipIf(program === undefined)('the alert card as a browser shows the channel of the twin', () => {
  let browser: TestBrowser;
  beforeAll(async () => {
    browser = await startChromium(program!);
  });
  afterAll(async () => await browser[Symbol.asyncDispose]());

  it.each(Object.entries(STORIES))(
    '%s: all of it can be read on web and phone, in light and dark',
    async (name, story) => {
      await using twin = await servedWebhooks(['ops']);
      await using sluice = await servedSender(
        {
          receivers: { ops: { webhook: twin.url, timezone: 'Europe/Berlin' } },
          webhooks: { twin_hosts: [twin.host] },
        },
        { runtime: new VirtualClock({ seed: 1, startMs: BEGIN_MS }) },
      );
      expect((await sluice.post(story.path, story.body)).status).toBe(202);
      const { outbox } = sluice.server.sender;
      await until(async () => {
        const waiting = await outbox.list({ states: ['pending', 'leased'] });
        return twin.webhooks.ledger('ops').length > 0 && waiting.length === 0;
      });

      for (const [view, screen] of Object.entries(SCREENS)) {
        for (const theme of ['light', 'dark']) {
          const url = `${twin.base}/_twin/channel?webhook=ops&view=${view}&theme=${theme}&format=html`;
          const page = await browser.open(url, screen, PICTURE);
          if (KEPT) {
            await mkdir(KEPT, { recursive: true });
            await writeFile(join(KEPT, `${name}-${view}-${theme}.png`.replaceAll(' ', '-')), await page.picture());
          }
          const seen = (await page.evaluate(LOOK_AT)) as LookedAt;
          const where = `${view} ${theme}`;
          expect.soft(seen.title, where).toBe(story.title);
          expect.soft(seen.isDark, where).toBe(theme === 'dark');
          expect.soft(seen.tooWide, where).toEqual([]);
          expect.soft(seen.cutOff, where).toEqual([]);
          expect.soft(seen.faint, where).toEqual([]);
          expect.soft(seen.pictures, where).toEqual(Array.from({ length: story.pictures }, () => true));
          expect
            .soft(
              story.atOnce.filter((words) => !seen.firstScreen.includes(words)),
              where,
            )
            .toEqual([]);
        }
      }
    },
  );
});
