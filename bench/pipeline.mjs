// The whole way from HTTP to tables, beside the ways it replaces, in one run against one simulated tenant.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startSimulator } from './simulator.mjs';

const reader = fileURLToPath(new URL('./reader.mjs', import.meta.url));
const count = (value) => Math.round(value).toLocaleString('en-US');
const megabytes = (bytes) => `${Math.round(bytes / 1e6)} MB`;

/** Runs one reader in a process of its own. The folder is kept when given. */
function read(kind, simulator, folder) {
  const target = folder ?? mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  const { stdout, stderr, status } = spawnSync(process.execPath, [reader, kind, target], {
    env: { ...process.env, ...simulator.env },
    encoding: 'utf8',
  });
  if (!folder) rmSync(target, { recursive: true, force: true });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout.trim().split('\n').at(-1));
}

/** Throughput and CPU beside parsing in JavaScript; each way three times, the median by CPU. */
export async function benchPipeline({ rounds = 3 } = {}) {
  const simulator = await startSimulator({ teams: 20, channels: 8, messages: 2000 });
  try {
    read('naive', simulator); // the simulator renders each message once
    const results = ['sluice', 'parse', 'naive'].map((kind) =>
      median(Array.from({ length: rounds }, () => read(kind, simulator))),
    );
    const [sluice] = results;
    console.table(
      results.map(({ kind, rows, elapsedMs, cpuMs, peakBytes }) => ({
        way: kind,
        messages: count(rows),
        'messages/s': count((rows / elapsedMs) * 1000),
        'CPU-s per million': ((cpuMs / rows) * 1000).toFixed(1),
        'peak memory': megabytes(peakBytes),
        'speed, sluice = 1': (sluice.elapsedMs / sluice.rows / (elapsedMs / rows)).toFixed(2),
        'CPU, sluice = 1': (cpuMs / rows / (sluice.cpuMs / sluice.rows)).toFixed(2),
      })),
    );
  } finally {
    simulator.stop();
  }
}

/** Peak memory as the tenant grows tenfold. */
export async function benchMemory() {
  const rows = [];
  for (const messages of [500, 5000]) {
    const simulator = await startSimulator({ teams: 20, channels: 8, messages });
    try {
      const result = read('sluice', simulator);
      rows.push({
        messages: count(result.rows),
        'peak memory': megabytes(result.peakBytes),
        'messages/s': count((result.rows / result.elapsedMs) * 1000),
        'CPU-s per million': ((result.cpuMs / result.rows) * 1000).toFixed(1),
      });
    } finally {
      simulator.stop();
    }
  }
  console.table(rows);
}

/** What 100 changes cost as the tenant grows. */
export async function benchIncremental() {
  const rows = [];
  for (const messages of [50, 500, 2000]) {
    const simulator = await startSimulator({ teams: 20, channels: 8, messages });
    const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
    try {
      const first = read('sluice', simulator, folder);
      await simulator.post(
        '/events',
        Array.from({ length: 100 }, (_, index) => ({ type: ['post', 'reply', 'edit', 'react'][index % 4] })),
      );
      const second = read('sluice', simulator, folder);
      const idle = read('sluice', simulator, folder);
      rows.push({
        'messages in the tenant': count(first.rows),
        'changed rows': count(second.rows),
        requests: second.requests,
        'CPU ms': count(second.cpuMs),
        ms: count(second.elapsedMs),
        'idle requests': idle.requests,
        'idle CPU ms': count(idle.cpuMs),
      });
    } finally {
      simulator.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  }
  console.table(rows);
}

const median = (results) => results.sort((a, b) => a.cpuMs - b.cpuMs)[Math.floor(results.length / 2)];
