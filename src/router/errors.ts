import { defineErrors, unknownRow } from '../errors/define-errors.ts';

export const routerErrors = defineErrors('router', {
  unknown_value: unknownRow({ field: 'op', value: '==', valid: ['=', '!=', '=~', '!~'] }),
  matcher_invalid: {
    recovery: 'user_action',
    cause: 'A matcher of a route, a silence or an option cannot be read.',
    remedy: 'Valid: name="value" with =, !=, =~ or !~, several separated by commas.',
    example: { text: 'severity critical', problem: 'expected =, !=, =~ or !~', position: 10 },
    says: ({ text, problem, position }) =>
      `Matcher ${JSON.stringify(text.slice(0, 120))}: ${problem} at character ${position}.`,
  },
  pattern_invalid: {
    recovery: 'user_action',
    cause: 'A regular expression has a mistake, is too large, or uses what RE2 does not have.',
    remedy: 'Valid: RE2 syntax, anchored at both ends, without lookaround and backreferences.',
    example: { problem: 'is 2400 characters long', valid: 'At most 2000 characters.' },
    says: ({ problem }) => `Regular expression ${problem}.`,
    hint: ({ valid }) => valid,
  },
  time_interval_invalid: {
    recovery: 'user_action',
    cause: 'A time interval holds a time, a day, a month or a year that does not exist.',
    remedy: 'Write it as the message expects: `09:00`, `monday:friday`, `1:15`, `january:march`, `2026`.',
    example: { text: '25:00', expected: 'a time from 00:00 to 24:00' },
    says: ({ text }) => `Time interval: "${text.slice(0, 80)}" is not valid.`,
    hint: ({ expected }) => `Expected ${expected}.`,
  },
  location_unknown: {
    code: 'time_interval_invalid',
    recovery: 'user_action',
    cause: 'The location of a time interval is no time zone.',
    remedy: 'Valid: an IANA time zone such as UTC or Europe/Berlin.',
    example: { location: 'Berlin' },
    says: ({ location }) => `Time interval: location "${location.slice(0, 80)}" is not known.`,
  },
  silence_invalid: {
    recovery: 'user_action',
    cause: 'A silence would never mute, would mute everything, or does not say who asks for it.',
    remedy: 'Give an end in the future and after the start, a matcher that asks for a value, and `createdBy`.',
    example: { problem: 'endsAt has passed', valid: 'Give an end in the future.' },
    says: ({ problem }) => `Silence refused: ${problem}.`,
    hint: ({ valid }) => valid,
  },
  silence_unknown: unknownRow(
    { field: 'silence', value: 's3', valid: ['s1', 's2'] },
    { cause: 'There is no silence with this id.', remedy: 'Give the id of one that the message lists.' },
  ),
  routing_config_invalid: {
    recovery: 'user_action',
    cause: 'The routing section has a fault: an unknown receiver, interval or key, or a value that cannot be read.',
    remedy: 'Run "sluice route check" to see them all.',
    example: { faults: ['12:5 routing.route.receivers[0]: Unknown receiver "ops".'] },
    says: ({ faults }) => `The routing configuration has ${faults.length} fault(s): ${faults.slice(0, 3).join(' ')}`,
    details: ({ faults }) => ({ faults }),
  },
  rule_evaluation_failed: {
    recovery: 'skip',
    cause: 'A predicate of your own threw, gave no answer in time, or answered something else than true or false.',
    remedy: 'A predicate answers true or false.',
    example: { predicate: 'isOurs', problem: 'threw' },
    says: ({ predicate, problem }) => `Predicate "${predicate}" ${problem}; the routes that use it were skipped.`,
    details: ({ predicate }) => ({ predicate }),
  },
  circular_routing_detected: {
    recovery: 'skip',
    cause: 'A notification came back to a route that it had passed, or passed too many.',
    remedy: 'Check which destination feeds it back in.',
    example: { route: 'ops', trail: ['ops'], most: 10 },
    says: ({ route, trail }) =>
      trail.includes(route)
        ? `Route "${route}" was reached again by the same notification, which was not sent on.`
        : `Route "${route}" would be step ${trail.length + 1} of the same notification, which was not sent on.`,
    hint: ({ most }) =>
      `A notification passes at most ${most} routes and none twice. Check which destination feeds it back in.`,
    details: ({ route, trail }) => ({ route, trail }),
  },
  routing_completely_failed: {
    recovery: 'fail',
    cause: 'No destination of a message took it.',
    remedy: 'Each failed delivery is kept as a retry or a dead letter.',
    example: { ends: [{ receiver: 'ops', outcome: 'permanent' }] },
    says: ({ ends }) =>
      `Every destination failed: ${ends.map(({ receiver, outcome }) => `${receiver} (${outcome})`).join(', ')}.`,
    details: ({ ends }) => ({ receivers: ends.map(({ receiver }) => receiver) }),
  },
  destination_threw: {
    recovery: 'retry',
    cause: 'The code of a destination broke, so that nobody knows whether the message arrived.',
    remedy: 'Look into the channel, and at the cause in the log.',
    example: { receiver: 'ops' },
    says: ({ receiver }) =>
      `Destination "${receiver}" threw instead of giving an outcome; whether the message arrived is unknown.`,
    hint: () => undefined,
  },
});
