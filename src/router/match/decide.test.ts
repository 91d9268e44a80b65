import { describe, expect, it } from 'vitest';
import { alert, routingOf } from '../../../test/support/routing.ts';
import { decide, MAX_TRAIL } from './decide.ts';

const tree = `
routing:
  max_destinations: 3
  route:
    id: root
    receivers: [ops]
    routes:
      - { id: db, matchers: ['team="db"'], receivers: [db], routes: [{ id: db-critical, matchers: ['severity="critical"'], receivers: [db, phone] }] }
      - { id: noise, matchers: ['team="noise"'], drop: true }
      - { id: audit, matchers: ['tag="audit"'], receivers: [audit], continue: true }
      - { id: wide, matchers: ['tag="wide"'], receivers: [audit, a, b, c] }
`;

const served = (changes: Parameters<typeof alert>[0]) => {
  const decision = decide(routingOf(tree), alert(changes));
  return { ...decision, to: decision.assignments.map(({ route, receivers }) => [route.id, ...receivers]) };
};

describe('decide', () => {
  it('gives what no route takes to the default destination', () => {
    expect(served({}).to).toEqual([['root', 'ops']]);
  });

  it('lets the deepest matching route take it', () => {
    expect(served({ labels: { team: 'db' } }).to).toEqual([['db', 'db']]);
    expect(served({ labels: { team: 'db' }, severity: 'critical' }).to).toEqual([['db-critical', 'db', 'phone']]);
  });

  it('drops on purpose and says so', () => {
    expect(served({ labels: { team: 'noise' } })).toMatchObject({ to: [], dropped: 'explicit' });
  });

  it('goes on after a match only when the route continues', () => {
    expect(served({ tags: ['audit'], labels: { team: 'db' } }).to).toEqual([['db', 'db']]);
    expect(served({ tags: ['audit'] }).to).toEqual([['audit', 'audit']]);
  });

  it('serves a destination once and caps the fan-out', () => {
    expect(served({ tags: ['audit', 'wide'] })).toMatchObject({
      to: [
        ['audit', 'audit'],
        ['wide', 'a', 'b'],
      ],
      overCap: ['c'],
    });
  });

  it('ends a loop at a repeated route', () => {
    const looped = served({ labels: { team: 'db' }, trail: ['db'] });
    expect(looped).toMatchObject({ to: [], dropped: 'loop' });
    expect(looped.problems[0]).toMatchObject({ code: 'circular_routing_detected', recovery: 'skip' });
  });

  it('ends a loop at depth 5', () => {
    const trail = Array.from({ length: MAX_TRAIL }, (_, step) => `other-${step}`);
    expect(served({ trail: trail.slice(1) }).to).toEqual([['root', 'ops']]);
    expect(served({ trail })).toMatchObject({ to: [], dropped: 'loop' });
  });

  it('tries higher priority first, then the order as written; "match: all" serves every match', () => {
    const routing = routingOf(`
routing:
  match: all
  route:
    receivers: [ops]
    routes:
      - { id: late, receivers: [late], priority: -1 }
      - { id: one, receivers: [one] }
      - { id: first, receivers: [first], priority: 10 }
      - { id: stop, receivers: [stop], continue: false }
`);
    expect(decide(routing, alert()).assignments.map(({ route }) => route.id)).toEqual(['first', 'one', 'stop']);
  });

  it('inherits destinations and grouping', () => {
    const routing = routingOf(`
routing:
  route:
    receivers: [ops]
    group_by: [team]
    repeat_interval: 1h
    routes: [{ id: child, matchers: ['team="db"'], group_wait: 0s }]
`);
    const [assignment] = decide(routing, alert({ labels: { team: 'db' } })).assignments;
    expect(assignment).toMatchObject({
      receivers: ['ops'],
      route: { id: 'child', grouping: { by: ['team'], waitMs: 0, intervalMs: 300_000, repeatMs: 3_600_000 } },
    });
  });
});
