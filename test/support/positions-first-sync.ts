/**
 * A sync as a process to be killed: `LAKE`, the connection in the environment. It makes the mistake of committing
 * positions first, by themselves, and the files after them, with a pause between. Prints `positions` and `files` for
 * every commit that has both.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { ObjectStore } from '../../src/lake/stores/object-store.ts';
import { systemRuntime } from '../../src/runtime/runtime.ts';
import { runSync } from './sync.ts';
import type { Environment } from './twin.ts';

/** Long beside everything else that a commit does. */
const PAUSE_MS = 3_000;

const say = (word: string) => void process.stdout.write(`${word}\n`);

function positionsFirst(inner: ObjectStore): ObjectStore {
  return {
    ...inner,
    putIfAbsent: async (key, bytes, signal) => {
      if (!/_log\/\d+\.json$/.test(key)) return inner.putIfAbsent(key, bytes, signal);
      const commit = JSON.parse(Buffer.from(bytes).toString('utf8')) as { added: unknown[]; positions: object };
      const early = Buffer.from(JSON.stringify({ ...commit, added: [] }));
      if (!(await inner.putIfAbsent(key, early, signal))) return false;
      const isTorn = commit.added.length > 0 && Object.keys(commit.positions).length > 0;
      if (isTorn) say('positions');
      await delay(PAUSE_MS);
      await inner.put(key, bytes, signal);
      if (isTorn) say('files');
      return true;
    },
  };
}

await runSync({
  env: process.env as Environment,
  lake: process.argv[2]!,
  runtime: systemRuntime,
  segmentPages: 4,
  tables: ['messages', 'message_replies'],
  wrap: positionsFirst,
});
