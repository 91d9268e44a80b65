import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compileRouting, everyRoute } from '../../src/router/config/routing.ts';
import type { RouteConfig } from '../../src/router/config/schema.ts';
import { type Matches, matchIndexed, matchLinear } from '../../src/router/match/match.ts';
import type { MatcherSpec } from '../../src/router/match/matcher.ts';
import { alert } from '../support/routing.ts';

// few names and values, so that routes and notifications meet often
const name = fc.constantFrom('team', 'env', 'host', 'severity', 'constructor', '__proto__');
const value = fc.constantFrom('a', 'b', 'c', '');
const op = fc.constantFrom('=', '!=', '=~', '!~');
const pattern = fc.constantFrom('a|b', '.*', '.+', '', 'c', 'a.*', 'b?', 'a.?|c', 'c+');

const matcher = fc
  .record({ name, op, value, pattern, field: fc.constantFrom('label', 'label', 'tag', 'severity', 'source') })
  .map((raw): MatcherSpec => {
    const condition = { op: raw.op, value: raw.op.endsWith('~') ? raw.pattern : raw.value } as const;
    return (
      raw.field === 'label' ? { field: 'label', name: raw.name, ...condition } : { field: raw.field, ...condition }
    ) as MatcherSpec;
  });

const own = {
  matchers: fc.array(matcher, { maxLength: 3 }),
  receivers: fc.subarray(['x', 'y', 'z'], { minLength: 1 }),
  priority: fc.integer({ min: -2, max: 2 }),
  continue: fc.boolean(),
};
const optional = { requiredKeys: ['matchers', 'receivers'] as ['matchers', 'receivers'] };
const leaf: fc.Arbitrary<RouteConfig> = fc.record({ ...own, predicate: fc.constantFrom('yes', 'no') }, optional);
const branch: fc.Arbitrary<RouteConfig> = fc.record({ ...own, routes: fc.array(leaf, { maxLength: 4 }) }, optional);

const notification = fc
  .record({
    labels: fc.dictionary(name, value),
    tags: fc.subarray(['a', 'b', 'c']),
    severity: fc.option(value, { nil: undefined }),
    source: fc.option(value, { nil: undefined }),
  })
  .map(({ labels, tags, severity, source }) =>
    alert({ labels, tags, ...(severity !== undefined && { severity }), ...(source !== undefined && { source }) }),
  );

const ids = ({ routes }: Matches) => routes.map(({ id }) => id).join();

it('gives the same routes by index as by asking every route', () => {
  let indexed = 0;
  fc.assert(
    fc.property(
      fc.array(fc.oneof({ arbitrary: leaf, weight: 4 }, { arbitrary: branch, weight: 1 }), {
        maxLength: 60,
        size: 'max',
      }),
      fc.constantFrom('first', 'all'),
      fc.array(notification, { minLength: 1, maxLength: 5 }),
      (routes, match, notifications) => {
        const { root } = compileRouting({
          match,
          max_destinations: 20,
          mode: 'forward',
          ingress: {},
          resolve_timeout: '5m',
          inhibit_rules: [],
          time_intervals: [],
          route: { receivers: ['default'], routes },
        });
        const verdicts = new Map([
          ['yes', true],
          ['no', false],
        ]);
        for (const one of notifications) {
          expect(ids(matchIndexed(root, one, verdicts))).toBe(ids(matchLinear(root, one, verdicts)));
        }
        const whole = [...everyRoute(root)];
        indexed += whole.filter(
          ({ index, routes: children }) => index(notifications[0]!).length < children.length,
        ).length;
      },
    ),
    { numRuns: 3_000 },
  );
  expect(indexed).toBeGreaterThan(1_000); // the index did leave routes out
});
