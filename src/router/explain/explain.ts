import type { Notification } from '../../messages/types.ts';
import { mutedByTime, type Route } from '../config/route.ts';
import type { Routing } from '../config/routing.ts';
import { groupOf } from '../groups/group.ts';
import { type Decision, decide } from '../match/decide.ts';
import { accepts } from '../match/match.ts';
import { valuesSeen } from '../match/matcher.ts';
import { formatMatcher } from '../match/matcher-syntax.ts';
import type { Verdicts } from '../match/predicates.ts';
import type { Inhibition } from '../mute/inhibition.ts';

/** What one condition said. */
export interface ConditionVerdict {
  readonly condition: string;
  readonly holds: boolean;
  /** The values it looked at. */
  readonly seen: readonly string[];
}

/** What one route said. */
export interface RouteExplanation {
  readonly id: string;
  readonly path: string;
  readonly depth: number;
  /** `not_reached`: an earlier sibling matched and does not continue. */
  readonly verdict: 'matched' | 'no_match' | 'not_reached' | 'failed';
  readonly conditions: readonly ConditionVerdict[];
  /** Whether it takes the notification itself, or one of its children does. */
  readonly takes: boolean;
  readonly children: readonly RouteExplanation[];
}

/** What one taking route does. */
export interface AssignmentExplanation {
  readonly route: string;
  readonly receivers: readonly string[];
  readonly fallbackReceiver?: string | undefined;
  readonly groupKey: string;
  readonly mutedByTime?: string | undefined;
}

export interface Explanation {
  readonly tree: RouteExplanation;
  readonly assignments: readonly AssignmentExplanation[];
  readonly dropped?: Decision['dropped'] | undefined;
  readonly overCap: readonly string[];
  readonly problems: readonly string[];
  /** Ids of silences. */
  readonly silencedBy: readonly string[];
  readonly inhibitedBy?: Inhibition | undefined;
}

/** What is known at the instant that the explanation is for. */
export interface ExplainContext {
  readonly now: number;
  readonly verdicts?: Verdicts;
  readonly silencedBy?: readonly string[];
  readonly inhibitedBy?: Inhibition | undefined;
}

/** Says which routes match a notification, why or why not, and what would be sent where. Changes nothing. */
export function explain(routing: Routing, notification: Notification, context: ExplainContext): Explanation {
  const { verdicts = new Map(), silencedBy = [], inhibitedBy } = context;
  const decision = decide(routing, notification, { verdicts });
  const taking = new Set(decision.matched);
  return {
    tree: explainRoute(routing.root, 0, { notification, verdicts, taking, reached: true }),
    assignments: decision.assignments.map((assignment) => {
      const muted = mutedByTime(assignment.route, context.now);
      return {
        route: assignment.route.id,
        receivers: assignment.receivers,
        fallbackReceiver: assignment.route.fallbackReceiver,
        groupKey: groupOf(assignment, notification).key,
        mutedByTime: muted,
      };
    }),
    dropped: decision.dropped,
    overCap: decision.overCap,
    problems: decision.problems.map(({ message }) => message),
    silencedBy,
    inhibitedBy,
  };
}

interface Walk {
  notification: Notification;
  verdicts: Verdicts;
  taking: ReadonlySet<Route>;
  reached: boolean;
}

function explainRoute(route: Route, depth: number, walk: Walk): RouteExplanation {
  const accepted = accepts(route, walk.notification, walk.verdicts);
  const verdict = !walk.reached
    ? 'not_reached'
    : accepted === true
      ? 'matched'
      : accepted === false
        ? 'no_match'
        : 'failed';
  let open = verdict === 'matched';
  const children = route.routes.map((child) => {
    const explained = explainRoute(child, depth + 1, { ...walk, reached: open });
    if (explained.verdict === 'matched' && !child.continues) open = false;
    return explained;
  });
  return {
    id: route.id,
    path: route.path,
    depth,
    verdict,
    conditions: conditions(route, walk),
    takes: walk.taking.has(route),
    children,
  };
}

function conditions(route: Route, { notification, verdicts }: Walk): ConditionVerdict[] {
  const matchers = route.matchers.map((matcher) => ({
    condition: formatMatcher(matcher.spec),
    holds: matcher.matches(notification),
    seen: valuesSeen(matcher.spec, notification),
  }));
  if (route.predicate === undefined) return matchers;
  const holds = verdicts.get(route.predicate) === true;
  return [...matchers, { condition: `predicate ${route.predicate}`, holds, seen: [] }];
}
