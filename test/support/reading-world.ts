import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Runtime } from '../../src/runtime/runtime.ts';
import type { RunReport } from '../../src/sync/report.ts';
import { fastRuntime } from './fast-runtime.ts';
import { ask, withFolder } from './lake.ts';
import { type Finished, runSluice } from './sluice.ts';
import { runSync, type SyncCall } from './sync.ts';
import { type Environment, startTwin, type TestTwin } from './twin.ts';

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

/** The channels of the cases, General first. */
export const general = '19:c1@thread.tacv2';
export const second = '19:c2@thread.tacv2';

/** A message of a world: its age when the story begins. */
export interface WorldMessage {
  readonly id?: string;
  readonly channelId?: string;
  readonly replyToId?: string;
  readonly ageMs: number;
  readonly content?: string;
  /** It shows no time of change, as imports do: no range of time holds it. */
  readonly modifiedStamp?: 'null' | 'absent';
}

export interface WorldOptions {
  /** Default: `t1`. */
  readonly teams?: readonly string[];
  readonly users?: number;
  readonly messages?: readonly WorldMessage[];
  /** Folder of the lake, below a temporary one. Default `lake`. */
  readonly lake?: string;
  /** Real time: for stories whose runs are processes of their own. */
  readonly real?: boolean;
  readonly https?: boolean;
}

export interface World {
  readonly twin: TestTwin;
  readonly folder: string;
  readonly lake: string;
  readonly nowMs: () => number;
  /** Time passes. */
  pass(ms: number): void;
  sync(call?: Partial<Omit<SyncCall, 'env' | 'runtime'>>): Promise<RunReport>;
  /** `sluice` as a process of its own, in the folder of the lake. */
  sluice(args: readonly string[], env?: Environment): Promise<Finished>;
  /** Rows of a query as text. */
  ask(sql: string): Promise<string[][]>;
  count(table: string, where?: string): Promise<number>;
  post(event: Readonly<Record<string, unknown>>): Promise<void>;
  fault(rule: Readonly<Record<string, unknown>>): Promise<void>;
  heal(): Promise<void>;
}

/** Plays a story in a tenant of its own, over real HTTP. */
export async function inWorld<T>(options: WorldOptions, story: (world: World) => Promise<T>): Promise<T> {
  return withFolder(async (folder) => {
    let passedMs = 0;
    const fast = fastRuntime(options.real ? 1 : 40);
    const now = options.real ? () => Date.now() + passedMs : () => fast.now() + passedMs;
    const runtime: Runtime = { ...fast, now };
    const tenant = join(folder, 'tenant');
    await writeTenant(tenant, options, now());
    const twin = await startTwin({ tenant, limits: 'none', https: options.https ?? false }, { runtime });
    const lake = join(folder, options.lake ?? 'lake');
    const rows = async (sql: string) => (await ask(lake, sql)).map((row) => row.map(String));
    try {
      return await story({
        twin,
        folder,
        lake,
        nowMs: now,
        pass: (ms) => {
          passedMs += ms;
        },
        sync: (call = {}) => runSync({ env: twin.env, lake, runtime, maxRetries: 2, ...call }),
        sluice: (args, env = {}) => runSluice(args, { ...twin.env, ...env }, { cwd: folder }),
        ask: rows,
        count: async (table, where = 'true') =>
          Number((await rows(`SELECT count(*) FROM ${table} WHERE ${where}`))[0]![0]),
        post: (event) => twin.post('/events', event),
        fault: (rule) => twin.post('/faults', rule),
        heal: () => twin.delete('/faults'),
      });
    } finally {
      await twin.close();
    }
  });
}

async function writeTenant(folder: string, options: WorldOptions, nowMs: number): Promise<void> {
  const { teams = ['t1'], users = 3, messages = [] } = options;
  const people = Array.from({ length: users }, (_, index) => ({
    id: `u${index + 1}`,
    displayName: `User ${index + 1}`,
  }));
  await mkdir(folder, { recursive: true });
  const write = (name: string, records: readonly unknown[]) =>
    writeFile(join(folder, `${name}.jsonl`), records.map((record) => `${JSON.stringify(record)}\n`).join(''));
  await write('users', people);
  await write(
    'teams',
    teams.map((id) => ({ id, displayName: `Team ${id}`, members: people.map((user) => user.id) })),
  );
  await write(
    'channels',
    teams.flatMap((teamId, index) => [
      { id: index === 0 ? general : general.replace('c1', `c1-${index}`), teamId, displayName: 'General' },
      ...(index === 0 ? [{ id: second, teamId, displayName: 'Second' }] : []),
    ]),
  );
  await write(
    'messages',
    messages.map(({ ageMs, content = '<p>hello</p>', channelId = general, ...message }) => ({
      ...message,
      channelId,
      from: 'u1',
      createdDateTime: new Date(nowMs - ageMs).toISOString(),
      body: { contentType: 'html', content },
    })),
  );
}

/** The lines of a file of cases. */
// biome-ignore lint/suspicious/noExplicitAny: each file of cases has a shape of its own
export async function casesOf(file: string): Promise<any[]> {
  const url = new URL(`../fixtures/cases/reading/${file}.jsonl`, import.meta.url);
  return (await readFile(url, 'utf8'))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}
