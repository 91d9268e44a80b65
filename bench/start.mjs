// What a command costs before it does anything: CPU of the process, beside an empty Node.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const ways = {
  'an empty Node': ['-e', ''],
  'sluice --help': [main, '--help'],
  'sluice tables': [main, 'tables'],
};

/** The median of several starts of each, one after another in turn, so that a busy machine is busy for all. */
export function benchStart({ starts = 9 } = {}) {
  const taken = Object.fromEntries(Object.keys(ways).map((name) => [name, []]));
  for (let n = 0; n < starts; n += 1)
    for (const [name, args] of Object.entries(ways)) taken[name].push(cpuSeconds(args));
  const median = (list) => list.sort((a, b) => a - b)[Math.floor(list.length / 2)];
  const empty = median(taken['an empty Node']);
  console.table(
    Object.entries(taken).map(([start, list]) => ({
      start,
      'CPU, s': median(list).toFixed(3),
      'above an empty Node, s': (median(list) - empty).toFixed(3),
    })),
  );
}

/** User and system time of one process with its children, as the shell counts it. */
function cpuSeconds(args) {
  const timed = `TIMEFORMAT='%U %S'; time "$@" >/dev/null 2>/dev/null`;
  const { stderr } = spawnSync('bash', ['-c', timed, 'start', process.execPath, ...args], { encoding: 'utf8' });
  const [user, system] = stderr.trim().split(' ').map(Number);
  return user + system;
}
