import { expect, it } from 'vitest';
import { ALERTS_BEGIN_MS, alert } from '../../../test/support/routing.ts';
import { VirtualClock } from '../../../test/support/virtual-clock.ts';
import { createRoutingHolder } from '../config/routing-holder.ts';
import { Silences } from '../mute/silences.ts';
import { Router } from '../router.ts';
import { renderExplanation } from './render-explanation.ts';

const yaml = `
routing:
  max_destinations: 2
  route:
    receivers: [ops]
    group_by: [team]
    routes:
      - { id: web, matchers: ['team="web"'], receivers: [web] }
      - { id: broken, predicate: broken, receivers: [x] }
      - { id: db, matchers: ['team="db"', 'tag=~"p.*"'], receivers: [a, b, c], mute_time_intervals: [noon] }
      - { id: after, receivers: [after] }
  inhibit_rules:
    - { name: outage, source_matchers: ['severity="critical"'], target_matchers: ['team="db"'] }
  time_intervals:
    - { name: noon, time_intervals: [{ times: [{ start_time: '12:00', end_time: '13:00' }] }] }
`;

function setUp() {
  const runtime = new VirtualClock({ startMs: ALERTS_BEGIN_MS });
  const silences = new Silences(runtime);
  const predicates = new Map([
    [
      'broken',
      () => {
        throw new Error('boom');
      },
    ],
  ]);
  const router = new Router({ routing: createRoutingHolder(yaml), silences, runtime, predicates });
  return { runtime, silences, router };
}

it('says why each route matches or not, what mutes, and where it goes', async () => {
  const { runtime, silences, router } = setUp();
  silences.create({
    tenant: 'contoso',
    matchers: ['team="db"'],
    endsAt: runtime.now() + 1,
    createdBy: 'ada',
    comment: '',
  });
  await router.receive(alert({ fingerprint: 'source', severity: 'critical' }));
  const before = JSON.stringify(router.state());
  const explanation = await router.explain(alert({ labels: { team: 'db' }, tags: ['eu', 'prod'] }));
  expect(renderExplanation(explanation)).toBe(
    `✓ route
  ✗ web (route.routes[0])
      fails  team="web": the value is "db"
  ! broken (route.routes[1]) (skipped: its predicate failed)
      fails  predicate broken
  ✓ db (route.routes[2])  <- takes it
      holds  team="db"
      holds  tag=~"p.*"
  · after (route.routes[3]) (not reached: an earlier sibling matched and does not continue)

muted by silence id-1
muted by outage while source fires
-> a, b  (route db, group ["contoso","db",[["team","db"]],["a","b"]]) muted: mute time interval "noon"
not served, over the fan-out cap: c
problem: Predicate "broken" threw; the routes that use it were skipped. A predicate answers true or false.`,
  );
  expect(JSON.stringify(router.state())).toBe(before);
});

it('says why a notification is dropped', async () => {
  const { router } = setUp();
  const explanation = await router.explain(alert({ labels: { team: 'web' }, trail: ['web'] }));
  expect(explanation).toMatchObject({ dropped: 'loop', assignments: [] });
  expect(renderExplanation(explanation)).toContain('dropped: it has been here before');
});
