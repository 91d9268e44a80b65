// biome-ignore-all lint/suspicious/noTemplateCurlyInString: data that look like the template language
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { validateCard, WORKFLOW } from '../../src/cards/index.ts';
import { configSchema } from '../../src/config/schema.ts';
import type { Message, Notification } from '../../src/messages/types.ts';
import { Renderer } from '../../src/sending/render/render.ts';

const schema = configSchema({ environment: {}, folder: '.' });
const config = schema.parse({
  webhooks: { twin_hosts: ['127.0.0.1:1'] },
  receivers: { ops: { webhook: 'http://127.0.0.1:1/hook', timezone: 'Europe/Berlin' } },
});
const renderer = new Renderer(() => ({ config, routingText: '', files: [] }));

/** What may stand in any field, hostile characters among it. */
const noise = fc.oneof(
  fc.string({ maxLength: 20, unit: 'binary' }),
  fc.constantFrom(
    '',
    '*a* _b_ [c](d)',
    '<at>A</at>',
    '10.0.0.5:9100',
    'C:\\temp',
    '    indented',
    '\u202ertl',
    '\u0001',
    '\uffff',
    '${x}',
  ),
);
const url = fc.constantFrom(
  'https://grafana.example.com/d/',
  'http://prometheus:9090/graph?q=',
  'http://10.0.0.5:9093/#',
  'javascript:alert(1)//',
  'https://user:canary@example.com/',
  'https://example.com/a b(c)',
);
const status = fc.constantFrom<Notification['status']>('firing', 'resolved', 'event');
const instant = fc.oneof(
  fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2026, 11, 31) }),
  fc.constantFrom(1, 9e15, Date.UTC(9999, 11, 31)),
);

/** A field that can be found again: its name and value begin with a mark of their own. */
interface Field {
  readonly noise: string;
  readonly size: number;
}
const fields = (maxLength: number, maxSize: number) =>
  fc.array(fc.record({ noise, size: fc.nat(maxSize) }), { maxLength });

const alertOf = (maxFields: number, maxSize: number) =>
  fc.record({
    status,
    startsAt: instant,
    endsAt: fc.option(instant, { nil: undefined }),
    severity: fc.option(fc.constantFrom('critical', 'warning', 'info', '\u202e!'), { nil: undefined }),
    labels: fields(maxFields, maxSize),
    annotations: fields(maxFields, maxSize),
    values: fields(5, 10),
    links: fc.array(url, { maxLength: 6 }),
  });
type Drawn = ReturnType<typeof alertOf> extends fc.Arbitrary<infer T> ? T : never;

const value = (mark: string, { noise: text, size }: Field) => `${mark} ${text}${'x'.repeat(size)}`;
const named = (kind: string, at: number, list: readonly Field[]) =>
  Object.fromEntries(list.map((field, index) => [`${kind}${index}`, value(`q${at}${kind}${index}q`, field)]));

const notificationOf = (drawn: Drawn, at: number): Notification => ({
  tenant: 't',
  status: drawn.status,
  fingerprint: `f${at}`,
  labels: { alertname: 'DiskFull', ...named('l', at, drawn.labels) },
  annotations: { summary: `q${at}headq`, ...named('a', at, drawn.annotations) },
  values: named('v', at, drawn.values),
  tags: [],
  links: Object.fromEntries(drawn.links.map((link, index) => [`link${index}`, `${link}q${at}u${index}q`])),
  startsAt: drawn.startsAt,
  trail: [],
  ...(drawn.endsAt !== undefined && { endsAt: drawn.endsAt }),
  ...(drawn.severity !== undefined && { severity: drawn.severity }),
});

async function shownOf(drawn: readonly Drawn[], truncatedAlerts: number) {
  const notifications = drawn.map(notificationOf);
  const message: Message = {
    id: 'm',
    tenant: 't',
    receiver: 'ops',
    groupKey: 'g',
    groupLabels: {},
    status: 'firing',
    notifications,
    senderGroup: { sender: 'grafana', groupKey: 'g', receiver: 'r', truncatedAlerts, externalUrl: undefined },
  };
  const { bodies, fellBack } = await renderer.render(message);
  expect(fellBack).toBeUndefined();
  const cards = bodies.map(({ attachments: [{ content }] }) => content);
  for (const [index, card] of cards.entries()) {
    expect(validateCard(card, WORKFLOW).filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(Buffer.byteLength(JSON.stringify(bodies[index]))).toBeLessThanOrEqual(WORKFLOW.maxBytes);
    expect(card).toMatchObject({ fallbackText: expect.stringMatching(/\S/), speak: expect.stringMatching(/\S/) });
  }
  return { notifications, cards, json: cards.map((card) => JSON.stringify(card)).join('\n') };
}

const count = (list: readonly Notification[], one: Notification['status']) =>
  list.filter((notification) => notification.status === one).length;

function expectCounts(json: string, notifications: readonly Notification[]): void {
  if (notifications.length === 1) return;
  const words = (
    [
      ['firing', ' firing'],
      ['event', count(notifications, 'event') === 1 ? ' event' : ' events'],
      ['resolved', ' resolved'],
    ] as const
  ).flatMap(([one, word]) => (count(notifications, one) > 0 ? [`${count(notifications, one)}${word}`] : []));
  expect(json).toContain(`${words.join(', ')}: `);
}

const RANK = { firing: 0, event: 1, resolved: 2 } as const;
const since = ({ status: state, startsAt, endsAt }: Notification) => (state === 'resolved' && endsAt) || startsAt;

function expectOrder(body: string, notifications: readonly Notification[]): number {
  const places = notifications
    .map((notification, at) => ({ notification, place: body.indexOf(`q${at}headq`) }))
    .filter(({ place }) => place >= 0)
    .sort((a, b) => a.place - b.place);
  for (const [index, { notification: next }] of places.entries()) {
    const before = places[index - 1]?.notification;
    if (!before) continue;
    const [a, b] = [RANK[before.status], RANK[next.status]];
    expect(a < b || (a === b && since(before) >= since(next)), 'firing first, then the newest').toBe(true);
  }
  return places.length;
}

const bodyOf = (cards: readonly unknown[]) =>
  cards.map((card) => JSON.stringify((card as { body: unknown }).body)).join('\n');

it('shows of a few alerts every label, annotation, value and link, or counts them', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(alertOf(25, 30), { minLength: 1, maxLength: 4 }), fc.nat(3), async (drawn, truncated) => {
      const { notifications, cards, json } = await shownOf(drawn, truncated);
      expectCounts(json, notifications);
      expect(expectOrder(bodyOf(cards), notifications)).toBe(notifications.length);
      if (truncated > 0) expect(json).toContain(`${truncated} more left out by the sender.`);
      const fieldsIn = (one: Drawn) => one.labels.length + one.annotations.length + one.values.length;
      const marks = drawn.flatMap((one, at) => [
        ...one.labels.map((_, index) => `q${at}l${index}q`),
        ...one.annotations.map((_, index) => `q${at}a${index}q`),
        ...one.values.map((_, index) => `q${at}v${index}q`),
      ]);
      const links = drawn.flatMap((one, at) => one.links.map((_, index) => `q${at}u${index}q`));
      expect(links.filter((mark) => !json.includes(mark))).toEqual([]);
      const counted = [...json.matchAll(/(\d+) more labels and annotations/g)].reduce(
        (sum, [, n]) => sum + Number(n),
        0,
      );
      const missing = marks.filter((mark) => !json.includes(mark)).length;
      if (json.includes('shortened')) return;
      // What is counted beside the drawn ones: the name and the like of an alert.
      expect(missing).toBeLessThanOrEqual(counted);
      if (drawn.every((one) => fieldsIn(one) < 35)) expect(missing).toBe(0);
      expect(json).not.toContain('canary');
    }),
    { numRuns: 60 },
  );
}, 120_000);

it('shows of many and large alerts as many as fit, and counts the others exactly', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(alertOf(6, 3_000), { minLength: 2, maxLength: 120, size: 'max' }),
      fc.nat(50),
      async (drawn, truncated) => {
        const { notifications, cards, json } = await shownOf(drawn, truncated);
        expectCounts(json, notifications);
        const shown = expectOrder(bodyOf(cards), notifications);
        const hidden = Number(/(\d+) not shown \(/.exec(json)?.[1] ?? 0);
        expect(shown + hidden).toBe(notifications.length);
        if (truncated > 0) expect(json).toContain(`${truncated} more left out by the sender.`);
      },
    ),
    { numRuns: 12 },
  );
}, 240_000);
