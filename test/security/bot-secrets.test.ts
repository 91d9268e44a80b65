import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createConfigHolder } from '../../src/config/holder.ts';
import { systemRuntime } from '../../src/runtime/runtime.ts';
import { Secret } from '../../src/runtime/secret.ts';
import { type RunningServer, startServer } from '../../src/server/serve.ts';
import { type Simulator, startSimulator } from '../../src/simulator/start-simulator.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { botTwin } from '../support/bot-twin.ts';
import { freePort } from '../support/free-port.ts';

const TEXT = 'canary-of-the-text';

/** A bot that does with a message what the message says. */
const handlers = `
export default (bot) => {
  bot.on('message', async ({ text, reply, edit, delete: remove }) => {
    if (text.startsWith('throw')) throw new Error(text);
    if (text.startsWith('parse')) JSON.parse(text);
    if (text.startsWith('edit')) return edit('nothing-' + text, text);
    if (text.startsWith('delete')) return remove('nothing-' + text);
    await reply(text);
  });
  bot.on('invoke:task/fetch', ({ activity }) => { throw new Error(JSON.stringify(activity.value)); });
  bot.on('invoke:task/submit', ({ activity }) => ({ task: { type: activity.value.text } }));
};
`;

describe('what a bot of sluice serve knows', () => {
  const lines: string[] = [];
  let folder: string;
  let simulator: Simulator;
  let server: RunningServer;

  const control = async (path: string, body?: unknown) => {
    const headers = { 'content-type': 'application/json' };
    const init = body === undefined ? {} : { method: 'POST', headers, body: JSON.stringify(body) };
    const answer = await fetch(`${simulator.url}/_twin${path}`, init);
    return answer.text();
  };
  const act = async (deed: object) => JSON.parse(await control('/bot/do', deed)).deliveries as { status?: number }[];

  async function serve(port: number, secret: string): Promise<RunningServer> {
    const { TEAMS_BOT_APP_ID, TEAMS_BOT_TWIN_URL, TEAMS_TENANT_ID } = simulator.env;
    const file = join(folder, `sluice-${port}.yaml`);
    const yaml = [
      `auth: { tenant_id: ${TEAMS_TENANT_ID} }`,
      `bot: { handlers: ./bot.mjs, app_id: ${TEAMS_BOT_APP_ID}, app_secret: '${secret}', twin_url: '${TEAMS_BOT_TWIN_URL}' }`,
      `outbox: { url: 'sqlite:${join(folder, `outbox-${port}.db`)}' }`,
      `server: { port: ${port} }`,
    ];
    await writeFile(file, yaml.join('\n'));
    const destination = new Writable({
      write: (chunk, _, done) => {
        lines.push(String(chunk));
        done();
      },
    });
    const config = await createConfigHolder({ file, environment: {}, runtime: systemRuntime });
    return startServer({ config, runtime: systemRuntime, logger: createLogger({ level: 'debug', destination }) });
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-bot-'));
    await writeFile(join(folder, 'bot.mjs'), handlers);
    const port = await freePort();
    const bot = `http://127.0.0.1:${port}/api/messages`;
    simulator = await startSimulator({ bot, teams: 1, channels: 1, messages: 1, users: 5 });
    server = await serve(port, simulator.env['TEAMS_BOT_APP_SECRET']!);
    const greeted = async () => expect(await control('/channel?conversation=channel')).toMatch(/Bot\n/);
    await vi.waitFor(greeted, { timeout: 60_000, interval: 100 });
  });
  afterAll(async () => {
    await server?.stop();
    await simulator?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('is in no log and in no metric, over every way in which it can fail', async () => {
    expect(await act({ do: 'say', text: `echo ${TEXT}` })).toMatchObject([{ status: 200 }]);
    const echoed = async () => expect(await control('/channel?conversation=personal')).toContain(`echo ${TEXT}`);
    await vi.waitFor(echoed, { timeout: 60_000, interval: 20 });
    // Answered once they are stored; what becomes of them is told later.
    const failing = async (text: string) => {
      const failures = () => lines.filter((line) => line.includes('bot.failed')).length;
      const before = failures();
      expect(await act({ do: 'say', text })).toMatchObject([{ status: 200 }]);
      await vi.waitFor(() => expect(failures()).toBeGreaterThan(before), { timeout: 60_000, interval: 20 });
    };
    for (const verb of ['throw', 'parse', 'edit', 'delete']) await failing(`${verb} ${TEXT}`);
    for (const status of [400, 403, 404, 413, 500, 503]) {
      await control('/bot/script', { steps: [{ status, code: `Code ${TEXT}`, message: TEXT }] });
      await failing(TEXT);
    }
    await control('/bot/script', { steps: [{ status: 401, code: 'Unauthorized', times: 2 }] });
    await act({ do: 'say', text: TEXT });
    await act({ do: 'invoke', name: 'task/fetch', value: { text: TEXT } });
    await act({ do: 'invoke', name: 'task/submit', value: { text: TEXT } });
    await act({ do: 'invoke', name: `task/${TEXT}`, value: { text: TEXT } });
    await act({ do: 'activity', activity: { type: TEXT, text: TEXT } });
    await act({ do: 'activity', activity: { type: 'message', text: { of: TEXT } } });
    await act({ do: 'activity', activity: { type: 'message', text: TEXT, serviceUrl: `https://${TEXT}.example/` } });
    for (const authorization of [`Bearer ${TEXT}`, `Bearer a.${TEXT}.c`, TEXT]) {
      const headers = { authorization, 'content-type': 'application/json' };
      const body = JSON.stringify({ text: TEXT });
      const { status } = await fetch(`${server.url}/api/messages`, { method: 'POST', headers, body });
      expect(status).toBe(401);
    }

    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    expect(metrics).toMatch(/teams_bot_activities\S*\{[^}]*outcome="failed"/);
    expect(metrics).toMatch(/teams_bot_refused\S*\{[^}]*reason="no-token"/);
    const told = [...lines, metrics].join('\n');
    expect(told).toContain('bot.failed');
    expect(told).toContain('bot.refused');
    const { conversations, appId } = JSON.parse(await control('/bot')) as {
      appId: string;
      conversations: { id: string; people: { id: string; name: string }[] }[];
    };
    const people = conversations.flatMap(({ people: some }) => some.flatMap(({ id, name }) => [id, name]));
    const secrets = [TEXT, simulator.env['TEAMS_BOT_APP_SECRET']!, 'eyJ', 'Bearer'];
    const ids = [...conversations.map(({ id }) => id), ...people, appId];
    expect([...secrets, ...ids].filter((canary) => told.includes(canary))).toEqual([]);
  });

  it('is in no error of a sign-in that is refused', async () => {
    const canary = 'canary-of-a-wrong-secret';
    const world = botTwin({ credential: { kind: 'secret', secret: new Secret(canary) } });
    const errors: unknown[] = [];
    world.bot.on('message', ({ reply }) => reply(TEXT).catch((error: unknown) => errors.push(error)));
    await world.patiently(world.act({ do: 'say', text: TEXT }));
    expect(errors).toMatchObject([{ code: 'client_secret_wrong' }]);
    const told = inspect([errors, world.telemetry], { depth: 12, showHidden: true });
    expect([canary, TEXT].filter((text) => told.includes(text))).toEqual([]);
  });

  it('is not told to who asks without a token', async () => {
    const answer = await fetch(`${server.url}/api/messages`, { method: 'POST', body: '{}' });
    expect([answer.status, await answer.text()]).toEqual([401, '']);
  });
});
