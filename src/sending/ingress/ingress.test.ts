import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSluiceError } from '../../errors/sluice-error.ts';
import { MAX_BODY_BYTES } from '../../messages/received.ts';
import { parseAlertmanagerWebhook, parseGrafanaWebhook } from './alert-webhooks.ts';
import { parseNotification } from './notification.ts';

const context = { tenant: 'contoso', now: Date.UTC(2026, 0, 5, 12) };

// the form of https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
const alertmanager = {
  version: '4',
  groupKey: '{}:{alertname="DiskFull"}',
  truncatedAlerts: 0,
  status: 'firing',
  receiver: 'sluice',
  groupLabels: { alertname: 'DiskFull' },
  commonLabels: { alertname: 'DiskFull' },
  commonAnnotations: {},
  externalURL: 'http://alertmanager:9093',
  alerts: [
    {
      status: 'firing',
      labels: { alertname: 'DiskFull', severity: 'critical', instance: 'db-1' },
      annotations: { summary: 'Disk is full' },
      startsAt: '2026-01-05T11:59:30.123456789Z',
      endsAt: '0001-01-01T00:00:00Z',
      generatorURL: 'http://prometheus:9090/graph?g0.expr=up',
      fingerprint: '02f13394997e5211',
    },
    {
      status: 'resolved',
      labels: { alertname: 'DiskFull', instance: 'db-2' },
      annotations: {},
      startsAt: '2026-01-05T11:00:00+01:00',
      endsAt: '2026-01-05T11:30:00Z',
      generatorURL: 'javascript:alert(1)',
    },
  ],
};

describe('Alertmanager webhook', () => {
  it('gives one notification per alert', async () => {
    expect((await parseAlertmanagerWebhook(JSON.stringify(alertmanager), context)).notifications).toEqual([
      {
        tenant: 'contoso',
        status: 'firing',
        fingerprint: '02f13394997e5211',
        labels: { alertname: 'DiskFull', severity: 'critical', instance: 'db-1' },
        annotations: { summary: 'Disk is full' },
        tags: [],
        source: 'alertmanager',
        links: { generator: 'http://prometheus:9090/graph?g0.expr=up' },
        startsAt: Date.parse('2026-01-05T11:59:30.123Z'),
        trail: [],
      },
      expect.objectContaining({
        status: 'resolved',
        fingerprint: expect.stringMatching(/^[0-9a-f]{32}$/),
        links: {},
        startsAt: Date.parse('2026-01-05T10:00:00Z'),
        endsAt: Date.parse('2026-01-05T11:30:00Z'),
      }),
    ]);
  });

  it('keeps how its sender grouped it', async () => {
    expect(
      (await parseAlertmanagerWebhook(JSON.stringify({ ...alertmanager, truncatedAlerts: 57 }), context)).group,
    ).toEqual({
      sender: 'alertmanager',
      groupKey: '{}:{alertname="DiskFull"}',
      receiver: 'sluice',
      groupLabels: { alertname: 'DiskFull' },
      truncatedAlerts: 57,
      externalUrl: 'http://alertmanager:9093',
      bodyDigest: expect.any(String),
    });
  });
});

describe('Grafana webhook', () => {
  it('keeps the links that Grafana adds', async () => {
    const body = {
      receiver: 'sluice',
      status: 'firing',
      orgId: 1,
      version: '1',
      title: '[FIRING:1]',
      state: 'alerting',
      message: 'text',
      alerts: [
        {
          ...alertmanager.alerts[0],
          values: { B: 44.2, C: null },
          valueString: '[ var=B ]',
          silenceURL: 'https://grafana.example/silence',
          dashboardURL: '',
          panelURL: 'https://grafana.example/d/1?viewPanel=2',
        },
      ],
    };
    expect((await parseGrafanaWebhook(JSON.stringify(body), context)).notifications).toMatchObject([
      {
        source: 'grafana',
        values: { B: '44.2' },
        links: {
          generator: 'http://prometheus:9090/graph?g0.expr=up',
          silence: 'https://grafana.example/silence',
          panel: 'https://grafana.example/d/1?viewPanel=2',
        },
      },
    ]);
  });
});

describe('own notification', () => {
  const parse = (body: unknown) => parseNotification(JSON.stringify(body), context).notifications[0]!;

  it('is an event unless it says otherwise, and the same event has the same fingerprint', () => {
    const one = parse({ text: 'Build 512 is green', tags: ['ci'] });
    expect(one).toMatchObject({
      status: 'event',
      content: { kind: 'text', text: 'Build 512 is green' },
      startsAt: context.now,
    });
    expect(parse({ text: 'Build 512 is green', tags: ['ci'] }).fingerprint).toBe(one.fingerprint);
    expect(parse({ text: 'Build 513 is green', tags: ['ci'] }).fingerprint).not.toBe(one.fingerprint);
  });

  it('knows an alert by its labels, whatever it says', () => {
    const [first, second] = ['95 %', '97 %'].map((text) =>
      parse({ status: 'firing', labels: { b: '1', a: '2' }, text }),
    );
    expect(first!.fingerprint).toBe(second!.fingerprint);
  });

  it('carries a template with its data, or a card', () => {
    expect(parse({ template: 'release.card.json', data: { build: 512 } }).content).toEqual({
      kind: 'template',
      template: 'release.card.json',
      data: { build: 512 },
    });
    expect(parse({ card: { type: 'AdaptiveCard' } }).content).toEqual({ kind: 'card', card: { type: 'AdaptiveCard' } });
  });

  it.each([
    [{}, 'Nothing to say'],
    [{ text: 'a', card: {} }, 'Give one of'],
    [{ text: 'a', data: {} }, 'Only a template'],
    [{ text: 'a', tenant: 'other' }, 'tenant'],
    [{ text: '' }, 'text'],
    [{ text: 'a', status: 'open' }, '"firing"|"resolved"|"event"'],
    [{ text: 'a', labels: { x: 'y'.repeat(2_049) } }, 'labels.x'],
    [{ text: 'a', labels: Object.fromEntries(Array.from({ length: 129 }, (_, i) => [`l${i}`, 'x'])) }, 'At most 128'],
  ])('refuses %j', (body, problem) => {
    expect(() => parse(body)).toThrow(problem);
  });
});

describe('hostile bodies', () => {
  const own = (body: string) => parseNotification(body, context).notifications[0]!;
  const parsers = [parseAlertmanagerWebhook, parseGrafanaWebhook, parseNotification];

  it.each([
    ['too large', `"${'x'.repeat(MAX_BODY_BYTES)}"`, 'bytes'],
    ['not JSON', '{', 'not JSON'],
    ['not UTF-8', new Uint8Array([0x22, 0xff, 0x22]), /not UTF-8|Expected a list/],
    ['nested deeply', `${'['.repeat(200_000)}${']'.repeat(200_000)}`, /nested deeper than 100|Expected a list/],
    ['a string that never ends', `{"text":"${'\\"'.repeat(1_000_000)}`, 'not JSON'],
  ])('are refused when %s', async (_, body, problem) => {
    for (const parse of parsers) await expect((async () => await parse(body, context))()).rejects.toThrow(problem);
  });

  it('may have brackets in their text', () => {
    const text = `"${'[{'.repeat(200)}`;
    expect(own(JSON.stringify({ text })).content).toEqual({ kind: 'text', text });
  });

  it('cannot touch prototypes', () => {
    const body = `{"text":"x","card":null,"labels":{"__proto__":{"polluted":"1"},"constructor":"c","toString":"t"}}`;
    const { labels } = own(body.replace('"card":null,', ''));
    expect(labels).toEqual({ constructor: 'c', toString: 't' });
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    const { content } = own('{"card":{"a":{"__proto__":{"x":1},"b":2}}}');
    expect(JSON.stringify(content)).toBe('{"kind":"card","card":{"a":{"b":2}}}');
  });

  it('give a typed error or notifications, never anything else', async () => {
    await fc.assert(
      fc.asyncProperty(fc.json(), async (body) => {
        for (const parse of parsers) {
          try {
            await parse(body, context);
          } catch (error) {
            expect(isSluiceError(error)).toBe(true);
          }
        }
      }),
      { numRuns: 200 },
    );
  });
});
