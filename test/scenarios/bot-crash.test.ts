import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBotStore } from '../../src/bot/index.ts';
import { connect } from '../../src/outbox/database.ts';
import { seededRandom } from '../../src/runtime/runtime.ts';
import { type Simulator, startSimulator } from '../../src/simulator/start-simulator.ts';
import { freePort } from '../support/free-port.ts';
import { type PrivatePostgres, postgresAvailable, startPostgres } from '../support/postgres.ts';

/** Soak: `SLUICE_BOT_KILLS=200`, with `SLUICE_BOT_SEED` to see one again. */
const kills = Number(process.env.SLUICE_BOT_KILLS ?? 10);
const seed = Number(process.env.SLUICE_BOT_SEED ?? 11);
const here = fileURLToPath(new URL('.', import.meta.url));
const conversations = ['personal', 'group', 'channel'] as const;

interface Post {
  readonly by: string;
  readonly text?: string | undefined;
}

async function startServer(port: number, url: string, env: NodeJS.ProcessEnv): Promise<ChildProcess> {
  const script = join(here, '../support/bot-crash-worker.ts');
  const args = ['--import', join(here, '../../scripts/typescript.mjs'), script, String(port), url];
  const server = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  const exit = new AbortController();
  server.once('exit', () => exit.abort(new Error('The server ended by itself.')));
  await once(server.stdout!, 'data', { signal: exit.signal });
  return server;
}

async function kill(server: ChildProcess): Promise<void> {
  expect(server.exitCode, 'the server ended by itself').toBeNull();
  const gone = once(server, 'exit');
  server.kill('SIGKILL');
  await gone;
}

/** Lets somebody say something; Teams repeats it until it is taken. */
async function say(simulator: Simulator, conversation: string, text: string): Promise<void> {
  const act = async (deed: object) => {
    const body = JSON.stringify(deed);
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${simulator.url}/_twin/bot/do`, { method: 'POST', headers, body });
    return ((await answer.json()) as { deliveries: { id: string; status?: number }[] }).deliveries[0]!;
  };
  let told = await act({ do: 'say', conversation, text });
  while (told.status !== 200) {
    await delay(50);
    told = await act({ do: 'repeat', id: told.id });
  }
}

async function isInstalled({ url }: Simulator): Promise<boolean> {
  const twin = await (await fetch(`${url}/_twin/bot`)).json();
  return (twin as { conversations: { installed: boolean }[] }).conversations.every(({ installed }) => installed);
}

async function killRun(url: string) {
  const random = seededRandom(seed);
  const port = await freePort();
  const simulator = await startSimulator({
    teams: 1,
    channels: 1,
    messages: 1,
    users: 5,
    limits: 'none',
    bot: `http://127.0.0.1:${port}/api/messages`,
  });
  const start = () => startServer(port, url, simulator.env);
  let server = await start();
  // Where the bot is not installed yet, it may not answer.
  while (!(await isInstalled(simulator))) await delay(50);
  const said: string[] = [];
  const talking: Promise<void>[] = [];
  for (let done = 0; done < kills; done++) {
    for (let one = 0; one < 2; one++) {
      const text = `m${done}.${one}`;
      said.push(text);
      talking.push(say(simulator, conversations[(done + one) % conversations.length]!, text));
    }
    await delay(900 * random());
    await kill(server);
    server = await start();
  }
  await Promise.all(talking);
  const { db } = connect(url);
  const open = async () =>
    Number(
      (await sql<{ n: number }>`select count(*) as n from bot_inbox where finished_at is null`.execute(db)).rows[0]!.n,
    );
  while ((await open()) > 0) await delay(100);
  const [{ resent }] = (
    await sql<{ resent: number }>`select coalesce(sum(resent), 0) as resent from bot_sent`.execute(db)
  ).rows as [{ resent: number }];
  await kill(server);
  await db.destroy();
  const posts: Post[] = [];
  for (const conversation of conversations) {
    const text = await (await fetch(`${simulator.url}/_twin/channel?conversation=${conversation}`)).text();
    for (const [, line] of text.matchAll(/^ {2}((?:First|first|second) \S+ ?.*)$/gm))
      posts.push({ by: 'bot', text: line });
  }
  await using store = await openBotStore({ url });
  const known = await store.conversations.list(simulator.env['TEAMS_BOT_APP_ID']!);
  await simulator.close();
  const counted = (words: string) => posts.filter(({ text }) => text === words).length;
  const replies = said.flatMap((text) => [
    counted(`First ${text}`) + counted(`first ${text}`),
    counted(`second ${text}`),
  ]);
  return {
    lost: replies.filter((count) => count === 0).length,
    uncorrected: said.filter((text) => counted(`First ${text}`) === 0).length,
    duplicates: replies.reduce((sum, count) => sum + Math.max(0, count - 1), 0),
    resent: Number(resent),
    active: known.filter(({ state }) => state === 'active').length,
  };
}

function killTests(backend: string, fresh: () => Promise<string>): void {
  it(`on ${backend}: ${kills} kills while people talk (seed ${seed}): no reply lost, none twice but where nobody knew`, {
    timeout: 60_000 * (kills + 1),
  }, async () => {
    const { duplicates, resent, ...result } = await killRun(await fresh());
    console.info(
      `${backend}: ${kills} kills, seed ${seed}, ${duplicates} duplicates, ${resent} unknown, ${JSON.stringify(result)}`,
    );
    expect(result).toEqual({ lost: 0, uncorrected: 0, active: 3 });
    expect(duplicates).toBeLessThanOrEqual(resent);
  });
}

describe('kill -9 of a bot', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bot-crash-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  killTests('SQLite', async () => `sqlite:${join(folder, 'bot.db')}`);
});

describe.skipIf(!postgresAvailable())('kill -9 of a bot, PostgreSQL', () => {
  let postgres: PrivatePostgres;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.stop());
  killTests('PostgreSQL', async () => await postgres.freshDatabase());
});
