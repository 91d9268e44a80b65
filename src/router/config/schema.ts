import { z } from 'zod';
import { isSluiceError } from '../../errors/sluice-error.ts';
import { parseDuration } from '../../settings/duration.ts';
import { closed } from '../../settings/fields.ts';
import { compileMatcher, matcherOperators } from '../match/matcher.ts';
import { parseMatchers } from '../match/matcher-syntax.ts';
import { compileTimeInterval } from '../mute/time-intervals.ts';

/** Turns the typed error of a parser into a fault at this place of the file. */
function accepts<T>(parse: (value: T) => unknown) {
  return (value: T, context: z.RefinementCtx) => {
    try {
      parse(value);
    } catch (error) {
      if (!isSluiceError(error)) throw error;
      context.addIssue({ code: 'custom', message: error.message });
    }
  };
}

const name = z.string().min(1).max(200);

const duration = z.string().refine((text) => parseDuration(text) !== undefined, {
  error: 'Expected a duration such as "30s", "5m" or "1h30m".',
});

const positiveDuration = duration.refine((text) => parseDuration(text) !== 0, { error: 'Must be longer than 0.' });

const matcherText = z.string().superRefine(accepts((text) => parseMatchers(text).forEach(compileMatcher)));

const matcherObject = z
  .discriminatedUnion('field', [
    closed({ field: z.literal('label'), name, op: z.enum(matcherOperators), value: z.string() }),
    closed({ field: z.enum(['tag', 'severity', 'source']), op: z.enum(matcherOperators), value: z.string() }),
  ])
  .superRefine(accepts(compileMatcher));

/** Text in Alertmanager's syntax or the same as an object. All of a list must hold. */
const matchers = z.array(z.union([matcherText, matcherObject]));

const inherited = {
  receivers: z.array(name).min(1).optional(),
  drop: z.literal(true).optional(),
  fallback_receiver: name.optional(),
  group_by: z.array(name).optional(),
  group_wait: duration.optional(),
  group_interval: positiveDuration.optional(),
  repeat_interval: positiveDuration.optional(),
};

const routeShape = {
  ...inherited,
  id: name.optional(),
  matchers: matchers.optional(),
  predicate: name.optional(),
  priority: z.int().min(-1_000_000).max(1_000_000).optional(),
  continue: z.boolean().optional(),
  stop_on_error: z.boolean().optional(),
  mute_time_intervals: z.array(name).optional(),
  active_time_intervals: z.array(name).optional(),
};

/** One node of the tree below the root. */
export type RouteConfig = z.output<z.ZodObject<typeof routeShape>> & { routes?: RouteConfig[] | undefined };

const route: z.ZodType<RouteConfig> = z.lazy(() => closed({ ...routeShape, routes: z.array(route).optional() }));

/** The root takes everything, so it has no conditions and is never muted. */
const root = closed({ ...inherited, id: name.optional(), routes: z.array(route).optional() });

const timeInterval = closed({
  times: z.array(closed({ start_time: z.string(), end_time: z.string() })).optional(),
  weekdays: z.array(z.string()).optional(),
  days_of_month: z.array(z.string()).optional(),
  months: z.array(z.string()).optional(),
  years: z.array(z.string()).optional(),
  location: z.string().optional(),
}).superRefine(accepts(compileTimeInterval));

const inhibitRule = closed({
  name: name.optional(),
  source_matchers: matchers,
  target_matchers: matchers,
  equal: z.array(name).optional(),
});

/**
 * Who keeps time. `forward`: the sender groups, repeats and silences, and each of its bodies becomes a message when it
 * comes. `group`: the router does, and what the sender says only tells it what fires.
 */
export const routingModes = ['forward', 'group'] as const;
export type RoutingMode = (typeof routingModes)[number];

const ingressMode = closed({
  mode: z.enum(routingModes).optional().describe('Instead of routing.mode, for what this sender posts'),
});

/**
 * The `routing` part of `sluice.yaml`, with Alertmanager's words.
 *
 * @see https://prometheus.io/docs/alerting/latest/configuration/
 */
export const routingSchema = closed({
  match: z.enum(['first', 'all']).default('first').describe('Whether siblings are tried after one matched'),
  max_destinations: z.int().min(1).max(1_000).default(20).describe('Fan-out cap of one notification'),
  resolve_timeout: positiveDuration
    .default('5m')
    .describe('A firing alert that names no end is over when it has not come again for so long'),
  mode: z
    .enum(routingModes)
    .default('forward')
    .describe(
      'What Alertmanager and Grafana post: forward sends each body when it comes, as they keep time themselves; group lets the router group, wait and repeat',
    ),
  ingress: closed({ alertmanager: ingressMode.optional(), grafana: ingressMode.optional() }).default({}),
  route: root,
  inhibit_rules: z.array(inhibitRule).default([]),
  time_intervals: z.array(closed({ name, time_intervals: z.array(timeInterval) })).default([]),
});

export type RoutingConfig = z.output<typeof routingSchema>;
export type RootConfig = z.output<typeof root>;
export type MatcherConfig = z.output<typeof matchers>[number];
