import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { decide } from '../../src/router/match/decide.ts';
import { alert, routingOf } from '../support/routing.ts';

it('accepts the configuration that docs/routing.md shows, and routes as its comments say', () => {
  const text = readFileSync(new URL('../../docs/routing.md', import.meta.url), 'utf8');
  const routing = routingOf(/```yaml\n([\s\S]*?)```/.exec(text)![1]!);
  const to = (changes: Parameters<typeof alert>[0]) =>
    decide(routing, alert(changes)).assignments.map(({ route, receivers }) => [route.id, ...receivers]);
  expect(to({})).toEqual([['route', 'ops']]);
  expect(to({ labels: { team: 'db', host: 'db-1' }, severity: 'critical', source: 'grafana' })).toEqual([
    ['office-hours', 'ops'],
    ['database-critical', 'database', 'phone'],
  ]);
  expect(to({ tags: ['test'] })).toEqual([]);
});
