// Routing decisions per second, by index and by asking every rule. After a build: node bench/route.mjs
import { fileURLToPath } from 'node:url';
import { compileRouting } from '../dist/router/config/routing.js';
import { matchIndexed, matchLinear } from '../dist/router/match/match.js';
import { seededRandom } from '../dist/runtime/runtime.js';

/**
 * Measures both ways over the same rules and notifications. One rule in a hundred is a pattern that no index helps with.
 *
 * @param {{ rules?: number[], measureMs?: number, seed?: number }} [options] - `measureMs`: how long each way is measured
 * @returns rows of `{ rules, indexedPerSecond, linearPerSecond, indexedCpuMicroseconds }` (CPU of one indexed decision)
 */
export function benchRoutes({ rules = [10, 1_000, 10_000], measureMs = 1_000, seed = 1 } = {}) {
  return rules.map((count) => {
    const random = seededRandom(seed);
    const { root } = compileRouting({
      match: 'all',
      max_destinations: 20,
      inhibit_rules: [],
      time_intervals: [],
      resolve_timeout: '5m',
      route: { receivers: ['default'], routes: Array.from({ length: count }, (_, rule) => ruleConfig(rule)) },
    });
    const notifications = Array.from({ length: 1_000 }, () => notificationFor(Math.floor(random() * count)));
    const indexed = measure(matchIndexed, root, notifications, measureMs);
    const linear = measure(matchLinear, root, notifications, measureMs);
    return {
      rules: count,
      indexedPerSecond: Math.round(indexed.perSecond),
      linearPerSecond: Math.round(linear.perSecond),
      indexedCpuMicroseconds: Number(indexed.cpuMicroseconds.toFixed(2)),
    };
  });
}

const ruleConfig = (rule) => ({
  matchers: [rule % 100 === 99 ? `instance=~"db-${rule}-.*"` : `team="team-${rule}"`, 'severity!="info"'],
  receivers: [`receiver-${rule % 50}`],
});

const notificationFor = (rule) => ({
  tenant: 'bench',
  status: 'firing',
  fingerprint: String(rule),
  labels: { alertname: 'DiskFull', team: `team-${rule}`, instance: `db-${rule}-1`, severity: 'critical' },
  annotations: {},
  tags: ['prod'],
  links: {},
  startsAt: 0,
  trail: [],
});

function measure(match, root, notifications, measureMs) {
  run(match, root, notifications, measureMs / 5); // warm up
  const before = process.cpuUsage();
  const { decisions, elapsedMs } = run(match, root, notifications, measureMs);
  const { user, system } = process.cpuUsage(before);
  return { perSecond: (decisions / elapsedMs) * 1_000, cpuMicroseconds: (user + system) / decisions };
}

function run(match, root, notifications, untilMs) {
  const start = performance.now();
  let decisions = 0;
  while (performance.now() - start < untilMs) {
    for (let batch = 0; batch < 10; batch++) match(root, notifications[decisions++ % notifications.length]);
  }
  return { decisions, elapsedMs: performance.now() - start };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.table(benchRoutes());
