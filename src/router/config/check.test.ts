import { describe, expect, it } from 'vitest';
import { checkRoutes } from './check.ts';
import { createRoutingHolder, formatFault } from './routing-holder.ts';

const good = `
receivers:
  ops: { webhook: x }
  db: { webhook: y }
routing:
  route:
    receivers: [ops]
    group_by: ['...']
    routes:
      - matchers:
          - team="db"
          - { field: tag, op: '=~', value: 'p.*' }
        receivers: [db]
        mute_time_intervals: [night]
  inhibit_rules:
    - { source_matchers: ['severity="critical"'], target_matchers: ['severity="warning"'], equal: [cluster] }
  time_intervals:
    - name: night
      time_intervals: [{ times: [{ start_time: '00:00', end_time: '06:00' }], location: Europe/Berlin }]
`;

const faultsOf = (text: string, known?: Parameters<typeof checkRoutes>[1]) =>
  checkRoutes(text, known).faults.map(formatFault);

describe('route check', () => {
  it('accepts a configuration without faults', () => {
    expect(checkRoutes(good)).toMatchObject({ ok: true, faults: [] });
  });

  it('reports every fault with line, column, path and what is valid', () => {
    const faults = faultsOf(`routing:
  match: some
  route:
    receivers: [ops]
    group_wait: soon
    reciever: x
    routes:
      - matchers:
          - team="db
          - { field: tag, op: '~', value: x }
          - host=~"(?=a)"
        continue: yes please
  time_intervals:
    - name: night
      time_intervals:
        - location: Mars/Olympus
`);
    expect(faults).toEqual([
      expect.stringMatching(/^2:3 routing\.match: .*"first"\|"all"/),
      expect.stringMatching(/^5:5 routing\.route\.group_wait: Expected a duration/),
      expect.stringMatching(/^6:5 routing\.route\.reciever: Unknown key\. Valid: receivers, drop, fallback_receiver, /),
      expect.stringMatching(/^9:13 routing\.route\.routes\[0\]\.matchers\[0\]: .*closing quote/),
      expect.stringMatching(/^10:27 routing\.route\.routes\[0\]\.matchers\[1\]\.op: .*"="\|"!="\|"=~"\|"!~"/),
      expect.stringMatching(/^11:13 routing\.route\.routes\[0\]\.matchers\[2\]: .*lookaround/),
      expect.stringMatching(/^12:9 routing\.route\.routes\[0\]\.continue: .*boolean/),
      expect.stringMatching(/^16:11 routing\.time_intervals\[0\]\.time_intervals\[0\]: .*Europe\/Berlin/),
    ]);
  });

  it('reports names that nobody defines, ids used twice and settings that exclude each other', () => {
    const text = `routing:
  route:
    group_by: ['...', team]
    routes:
      - { id: a, receivers: [nobody], drop: true, predicate: unheard }
      - { id: a, receivers: [ops], active_time_intervals: [never] }
`;
    expect(faultsOf(text, { receivers: ['ops'], predicates: ['heard'] })).toEqual([
      '2:3 routing.route: The root needs "receivers" (the default destinations) or "drop: true".',
      '3:5 routing.route.group_by: "..." (every notification alone) stands alone.',
      '5:30 routing.route.routes[0].receivers[0]: Unknown receiver "nobody". Valid: ops.',
      '5:39 routing.route.routes[0].drop: Give either "receivers" or "drop: true", not both.',
      '5:51 routing.route.routes[0].predicate: Unknown predicate "unheard". Valid: heard.',
      '6:11 routing.route.routes[1].id: "a" is used twice. Names are unique.',
      '6:60 routing.route.routes[1].active_time_intervals[0]: Unknown time interval "never". Valid: none is defined.',
    ]);
  });

  it('names fallback receivers that nobody defines, and those that could change nothing', () => {
    const text = `routing:
  route:
    receivers: [ops]
    fallback_receiver: nobody
    routes:
      - { receivers: [ops, db], fallback_receiver: db }
      - { drop: true, fallback_receiver: db }
      - { receivers: [ops], fallback_receiver: db }
`;
    expect(faultsOf(text, { receivers: ['ops', 'db'] })).toEqual([
      '4:5 routing.route.fallback_receiver: Unknown receiver "nobody". Valid: ops, db.',
      `6:33 routing.route.routes[0].fallback_receiver: "db" is one of the route's receivers. Name one that is not.`,
      expect.stringMatching(/^7:\d+ routing\.route\.routes\[1\]\.fallback_receiver: .*"drop: true"/),
    ]);
  });

  it('checks receivers against those of the same file', () => {
    expect(faultsOf(good.replace('receivers: [db]', 'receivers: [bd]'))).toEqual([
      expect.stringContaining('Unknown receiver "bd". Valid: ops, db.'),
    ]);
  });

  it.each([
    ['the root has conditions', 'routing: { route: { receivers: [a], matchers: [x="y"] } }', 'Unknown key'],
    ['the root is muted', 'routing: { route: { receivers: [a], mute_time_intervals: [] } }', 'Unknown key'],
    ['an interval of nothing', 'routing: { route: { receivers: [a], repeat_interval: 0s } }', 'longer than 0'],
    ['no routing', 'other: 1', '"route"'],
    ['an empty file', '', '"route"'],
    ['broken YAML', 'routing: [', 'end with a ]'],
    ['a key twice', 'routing: {}\nrouting: {}', 'unique'],
    ['a prototype key', 'routing: { __proto__: { x: 1 }, route: { receivers: [a] } }', '__proto__'],
    ['deep nesting', `routing: ${'['.repeat(100_000)}${']'.repeat(100_000)}`, 'nested too deeply'],
    ['an alias bomb', aliasBomb(), 'alias'],
  ])('refuses %s', (_, text, problem) => {
    const faults = faultsOf(text);
    expect(faults.length).toBeGreaterThan(0);
    expect(faults.join('\n')).toContain(problem);
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });
});

function aliasBomb(): string {
  const levels = Array.from(
    { length: 12 },
    (_, level) => `l${level + 1}: &l${level + 1} [${`*l${level}, `.repeat(10)}]`,
  );
  return ['l0: &l0 [x]', ...levels, 'routing: *l12'].join('\n');
}

describe('hot reload', () => {
  it('keeps the old routing when the new configuration is wrong, and takes it when it is right', () => {
    const holder = createRoutingHolder(good);
    const before = holder.current();
    expect(holder.reload(good.replace('receivers: [db]', 'receivers: [bd]'))).toMatchObject({ ok: false });
    expect(holder.current()).toBe(before);
    expect(holder.reload(good.replace('receivers: [db]', 'receivers: [ops, db]'))).toMatchObject({ ok: true });
    expect(holder.current().root.routes[0]!.receivers).toEqual(['ops', 'db']);
  });

  it('refuses to start with a wrong one and lists the faults', () => {
    expect(() => createRoutingHolder('routing: {}')).toThrow(
      expect.objectContaining({
        code: 'routing_config_invalid',
        details: { faults: [expect.stringContaining('routing.route')] },
      }),
    );
  });
});
