import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseAlertmanagerWebhook, parseGrafanaWebhook } from '../../src/sending/ingress/alert-webhooks.ts';

const context = { tenant: 'contoso', now: Date.UTC(2026, 0, 5, 12) };

const alertOf = (name: string) => ({
  status: 'firing',
  labels: { alertname: name, severity: 'critical' },
  annotations: { summary: `${name} is full`, runbook_url: 'https://runbooks.example.com/disk' },
  startsAt: '2026-01-05T11:59:30Z',
  endsAt: '0001-01-01T00:00:00Z',
  generatorURL: 'http://prometheus:9090/graph',
  fingerprint: `print-${name}`,
  values: { B: 91.37 },
  silenceURL: 'https://grafana.example.com/silence',
  dashboardURL: 'https://grafana.example.com/d/1',
  panelURL: '',
  imageURL: 'https://grafana.example.com/i.png',
});

const body = () => ({
  version: '4',
  groupKey: '{}:{alertname="DiskFull"}',
  truncatedAlerts: 3,
  status: 'firing',
  receiver: 'sluice',
  groupLabels: { alertname: 'DiskFull' },
  commonLabels: {},
  externalURL: 'http://alertmanager:9093',
  alerts: ['a', 'b', 'c'].map(alertOf),
});

type Path = readonly (string | number)[];

/** Every place of a body but the list of alerts itself. */
function places(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const below = Object.entries(value).flatMap(([key, one]) =>
    places(one, [...path, Array.isArray(value) ? Number(key) : key]),
  );
  return path.length === 0 || path.join() === 'alerts' ? below : [path, ...below];
}

function mutated(path: Path, value: unknown): unknown {
  const whole = body();
  let at = whole as unknown as Record<string | number, unknown>;
  for (const key of path.slice(0, -1)) at = at[key] as typeof at;
  at[path.at(-1)!] = value;
  return whole;
}

const anything = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom('x'.repeat(50_000), '\ud800', 'http://a/\u202e\u0001\u007f\uffff', 1e300, '9999-13-45T99:99:99Z', -1),
  fc.constant(Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`l${index}`, index]))),
);

it('takes a body whatever stands in any of its fields, and all its other alerts arrive as they were', async () => {
  const all = places(body());
  expect(all.length).toBeGreaterThan(50);
  let odd = 0;
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...all), anything, async (path, value) => {
      const text = JSON.stringify(mutated(path, value));
      for (const parse of [parseAlertmanagerWebhook, parseGrafanaWebhook]) {
        const whole = (await parse(JSON.stringify(body()), context)).notifications;
        const received = await parse(text, context);
        odd += received.oddities.total;
        const hit = path[0] === 'alerts' ? path[1] : undefined;
        const others = whole.filter((_, index) => index !== hit);
        expect(received.notifications).toEqual(expect.arrayContaining(others));
        expect(JSON.stringify(received.oddities.paths)).not.toContain('xxxx');
        expect(JSON.stringify(received)).not.toMatch(/\\ud[89a-f]/);
      }
    }),
    { numRuns: 2_000 },
  );
  expect(odd).toBeGreaterThan(500);
});
