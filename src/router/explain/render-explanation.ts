import type { ConditionVerdict, Explanation, RouteExplanation } from './explain.ts';

const marks = { matched: '✓', no_match: '✗', not_reached: '·', failed: '!' } as const;

const notes = {
  matched: '',
  no_match: '',
  not_reached: ' (not reached: an earlier sibling matched and does not continue)',
  failed: ' (skipped: its predicate failed)',
} as const;

const dropReasons = {
  explicit: 'the route says drop',
  no_receiver: 'no destination is left',
  loop: 'it has been here before',
} as const;

/** An explanation as text for a terminal. */
export function renderExplanation(explanation: Explanation): string {
  return [...routeLines(explanation.tree), '', ...muteLines(explanation), ...resultLines(explanation)].join('\n');
}

function routeLines(route: RouteExplanation): string[] {
  const indent = '  '.repeat(route.depth);
  const where = route.id === route.path ? route.id : `${route.id} (${route.path})`;
  return [
    `${indent}${marks[route.verdict]} ${where}${route.takes ? '  <- takes it' : ''}${notes[route.verdict]}`,
    ...(route.verdict === 'not_reached' ? [] : route.conditions.map((one) => `${indent}    ${conditionText(one)}`)),
    ...route.children.flatMap(routeLines),
  ];
}

function conditionText({ condition, holds, seen }: ConditionVerdict): string {
  const values = seen.map((value) => JSON.stringify(value)).join(', ');
  const but = condition.startsWith('predicate ') ? '' : `: the value is ${values || 'missing'}`;
  return holds ? `holds  ${condition}` : `fails  ${condition}${but}`;
}

function muteLines({ silencedBy, inhibitedBy }: Explanation): string[] {
  return [
    ...silencedBy.map((id) => `muted by silence ${id}`),
    ...(inhibitedBy ? [`muted by ${inhibitedBy.rule} while ${inhibitedBy.sourceFingerprint} fires`] : []),
  ];
}

function resultLines({ assignments, dropped, overCap, problems }: Explanation): string[] {
  return [
    ...assignments.map(
      ({ route, receivers, fallbackReceiver, groupKey, mutedByTime }) =>
        `-> ${receivers.join(', ')}${fallbackReceiver === undefined ? '' : `, else ${fallbackReceiver}`}  (route ${route}, group ${groupKey})${mutedByTime ? ` muted: ${mutedByTime}` : ''}`,
    ),
    ...(dropped ? [`dropped: ${dropReasons[dropped]}`] : []),
    ...(overCap.length > 0 ? [`not served, over the fan-out cap: ${overCap.join(', ')}`] : []),
    ...problems.map((problem) => `problem: ${problem}`),
  ];
}
