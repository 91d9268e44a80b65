import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Notification } from '../../src/messages/types.ts';
import { compileRouting } from '../../src/router/config/routing.ts';
import { decide, MAX_TRAIL } from '../../src/router/match/decide.ts';
import { alert } from '../support/routing.ts';

const RECEIVERS = ['r0', 'r1', 'r2', 'r3', 'r4', 'r5', 'r6', 'r7'];

/** Every receiver feeds what it gets back in, tagged with its name: the worst set-up there is. */
it('ends every loop at depth 5 with a bounded fan-out', () => {
  const route = fc.record({
    tag: fc.constantFrom('start', ...RECEIVERS),
    receivers: fc.subarray(RECEIVERS, { minLength: 1 }),
    catchAll: fc.boolean(),
  });
  let loopsSeen = 0;
  fc.assert(
    fc.property(fc.array(route, { minLength: 1, maxLength: 10 }), fc.integer({ min: 1, max: 3 }), (routes, cap) => {
      const routing = compileRouting({
        match: 'all',
        max_destinations: cap,
        mode: 'forward',
        ingress: {},
        resolve_timeout: '5m',
        inhibit_rules: [],
        time_intervals: [],
        route: {
          receivers: ['r0'],
          routes: routes.map(({ tag, receivers, catchAll }) => ({
            receivers,
            matchers: catchAll ? [] : [`tag="${tag}"`],
          })),
        },
      });
      let rounds: Notification[] = [alert({ tags: ['start'] })];
      for (let depth = 0; rounds.length > 0; depth++) {
        expect(depth).toBeLessThanOrEqual(MAX_TRAIL);
        rounds = rounds.flatMap((notification) => {
          const { assignments, problems } = decide(routing, notification);
          loopsSeen += problems.filter(({ code }) => code === 'circular_routing_detected').length;
          expect(assignments.flatMap(({ receivers }) => receivers).length).toBeLessThanOrEqual(cap);
          return assignments.flatMap(({ route: { id }, receivers }) =>
            receivers.map((receiver) => alert({ tags: [receiver], trail: [...notification.trail, id] })),
          );
        });
      }
    }),
    { numRuns: 300 },
  );
  expect(loopsSeen).toBeGreaterThan(100);
});
