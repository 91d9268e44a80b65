import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { withFolder } from '../support/lake.ts';
import type { RemotePlace } from '../support/remote-place.ts';
import { type RemoteService, remoteServices } from '../support/remote-stores.ts';
import { type Finished, main, runSluice, spawnTwin, startSluice } from '../support/sluice.ts';

// Whole commands as a user runs them, against a service in another process.
vi.setConfig({ testTimeout: 400_000, hookTimeout: 120_000 });

const TWIN = [
  '--teams',
  '2',
  '--channels',
  '2',
  '--messages',
  '30',
  '--users',
  '12',
  '--seed',
  '5',
  '--limits',
  'none',
];
const names = 'teams,channels,messages,message_replies,message_reactions,hosted_contents';

describe.skipIf(!existsSync(main))('a lake elsewhere', () => {
  let twin: Awaited<ReturnType<typeof spawnTwin>>;
  beforeAll(async () => {
    twin = await spawnTwin(TWIN);
  });
  afterAll(() => twin.stop());

  for (const { name, isAvailable, start } of remoteServices) {
    describe.skipIf(!isAvailable)(name, () => {
      let service: RemoteService;
      beforeAll(async () => {
        service = await start();
      });
      afterAll(() => service.stop());

      /** Runs commands in an empty folder that must stay empty, with an empty temporary folder. */
      const inPlace = (use: (story: Story) => Promise<void>) =>
        withFolder(async (folder) => {
          const place = await service.place();
          const story = storyOf(place, { folder, env: { ...twin.env, ...place.env } });
          await use(story);
          expect(readdirSync(folder).filter((entry) => entry !== 'tmp')).toEqual([]);
          expect(story.left()).toEqual([]);
        });

      it('is synced, asked, compacted, checked, and says what it is', () =>
        inPlace(async ({ run, query }) => {
          await run('sync', '--tables', names, '--keep-raw', '--hosted-contents', '--limits', 'none');
          const before = await query('SELECT count(*) AS n, min(id) AS first FROM messages');
          expect(Number(before[0]!['n'])).toBeGreaterThan(100);
          await run('sync', '--tables', names, '--limits', 'none');
          await run('compact');
          expect(await query('SELECT count(*) AS n, min(id) AS first FROM messages')).toEqual(before);
          expect((await run('fsck')).out).toMatch(/sound|nothing|no damage/i);
          expect((await run('status')).out).toContain('messages');
          expect((await run('history')).out).not.toBe('');
          expect((await run('state', 'show')).out).not.toBe('');
          await run('refresh', 'channels', '--limits', 'none');
        }));

      it('is gone on with by the next run after a run was killed', () =>
        inPlace(async ({ start: begin, run, query, clear }) => {
          const calm = await service.place();
          await runSluice(['sync', '--tables', names, '--limits', 'none', '--lake', calm.url], {
            ...twin.env,
            ...calm.env,
          });
          for (const afterMs of [1_500, 2_500, 3_500]) {
            const killed = begin('sync', '--tables', names, '--limits', 'none', '--commit-seconds', '1');
            await Promise.race([killed.finished, delay(afterMs)]);
            killed.child.kill('SIGKILL');
            await killed.finished;
          }
          await run('sync', '--tables', names, '--limits', 'none', '--wait');
          const sql = 'SELECT id, version FROM (SELECT id, lastModifiedDateTime AS version FROM messages) ORDER BY ALL';
          const rows = await query(sql);
          const asked = await runSluice(['query', sql, '--json', '--lake', calm.url], { ...twin.env, ...calm.env });
          expect(rows).toEqual(linesOf(asked));
          expect(rows.length).toBeGreaterThan(100);
          await run('fsck');
          clear();
        }));
    });
  }
});

interface Story {
  start(command: string, ...args: string[]): ReturnType<typeof startSluice>;
  run(command: string, ...args: string[]): Promise<Finished>;
  query(sql: string): Promise<Record<string, unknown>[]>;
  /** What commands left in the folder for temporary files. */
  left(): string[];
  clear(): void;
}

function storyOf(
  place: RemotePlace,
  { folder, env }: { folder: string; env: Readonly<Record<string, string>> },
): Story {
  const tmp = join(folder, 'tmp');
  let isCleared = false;
  const own = { ...env, TMPDIR: tmp };
  const start: Story['start'] = (command, ...args) =>
    startSluice([command, ...args, '--lake', place.url], own, { cwd: folder });
  const run: Story['run'] = async (command, ...args) => {
    const done = await start(command, ...args).finished;
    if (done.code !== 0) throw new Error(`${command}: ${done.code}\n${done.out}\n${done.err}`);
    return done;
  };
  return {
    start,
    run,
    query: async (sql) => linesOf(await run('query', sql, '--json')),
    left: () =>
      isCleared || !existsSync(tmp)
        ? []
        : readdirSync(tmp, { recursive: true, withFileTypes: true })
            .filter((entry) => entry.isFile())
            .map((entry) => entry.name),
    clear: () => {
      isCleared = true;
    },
  };
}

const linesOf = ({ out }: Finished): Record<string, unknown>[] =>
  out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
