import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { getRequestListener } from '@hono/node-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/start-simulator.ts';
import { type BotCloud, startBotCloud } from '../support/bot-cloud.ts';
import { type RefusalCase, refusalCases, refusalKeys } from '../support/bot-refusal-cases.ts';
import { APP_ID, BotService, TENANT } from '../support/bot-service.ts';
import { foreignBots, foreignBotsFolder, type RunningForeignBot, startForeignBot } from '../support/foreign-bots.ts';
import { freePort } from '../support/free-port.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const folder = foreignBotsFolder();

describe.skipIf(folder === undefined).each(foreignBots)('a bot of %s among the people of the twin', (name) => {
  let simulator: Simulator;
  let bot: RunningForeignBot;
  let relay: Server;

  beforeAll(async () => {
    const port = await freePort();
    // The twin is told where the bot is before there is one: it needs what the twin prints.
    simulator = await startSimulator({
      bot: `http://127.0.0.1:${port}/api/messages`,
      ...{ teams: 1, channels: 1, messages: 1, users: 5 },
    });
    const { TEAMS_BOT_APP_ID, TEAMS_BOT_APP_SECRET, TEAMS_TENANT_ID } = simulator.env;
    bot = await startForeignBot(name, folder!, {
      appId: TEAMS_BOT_APP_ID!,
      secret: TEAMS_BOT_APP_SECRET!,
      tenantId: TEAMS_TENANT_ID!,
      cloudUrl: simulator.url,
    });
    relay = createServer(getRequestListener((request) => fetch(new Request(bot.url, request))));
    relay.listen(port, '127.0.0.1');
    await once(relay, 'listening');
  });
  afterAll(async () => {
    relay?.close();
    await simulator?.close();
    await bot?.[Symbol.asyncDispose]();
  });

  const twin = async (path: string, body?: object) => {
    const headers = { 'content-type': 'application/json' };
    const init = body && { method: 'POST', headers, body: JSON.stringify(body) };
    return (await fetch(`${simulator.url}/_twin${path}`, init)).text();
  };

  it('is installed, spoken to in a personal chat, a group and a channel, and answers there', async () => {
    for (const conversation of ['personal', 'group', 'channel']) {
      await expect
        .poll(() => twin(`/channel?conversation=${conversation}`), { timeout: 60_000 })
        .toContain('You said: hello');
    }
    const { requests } = JSON.parse(await twin('/bot')) as { requests: { status: number; operation: string }[] };
    expect(requests.filter(({ status }) => status > 202)).toEqual([]);
    expect(
      requests.filter(({ operation }) => operation === 'send' || operation === 'reply').length,
    ).toBeGreaterThanOrEqual(3);
  });
});

/** Of a bot service whose clock is right. */
const service = () => new BotService(refusalKeys, 'public', new VirtualClock({ startMs: Date.now() }));
const isTaken = ({ status }: Response) => status >= 200 && status < 300;
/** Bots of one cloud are compared. */
const cases = refusalCases.filter(({ cloud }) => cloud === undefined || cloud === 'public');

/** Requests that no bot should take, and which were, by why they should not be. */
async function takenOf(ask: (request: Request, own: BotService) => Promise<Response>): Promise<readonly RefusalCase[]> {
  const taken: RefusalCase[] = [];
  for (const one of cases) {
    const own = service();
    if (isTaken(await ask(one.request(own), own))) taken.push(one);
  }
  return taken;
}

const countsOf = (taken: readonly RefusalCase[]): Readonly<Record<string, number>> =>
  Object.fromEntries([...new Set(cases.map(({ reason }) => reason))].map((reason) => [reason, countOf(taken, reason)]));
const countOf = (list: readonly RefusalCase[], wanted: string) => list.filter(({ reason }) => reason === wanted).length;

describe.skipIf(folder === undefined)('requests that no bot should take', () => {
  let cloud: BotCloud;
  beforeAll(async () => {
    cloud = await startBotCloud(refusalKeys);
  });
  afterAll(() => cloud?.[Symbol.asyncDispose]());

  /** What a bot takes, and what ends its process: then another one is started. */
  async function takenBy(name: (typeof foreignBots)[number]) {
    const start = () =>
      startForeignBot(name, folder!, {
        appId: APP_ID,
        secret: 'secret',
        tenantId: TENANT,
        cloudUrl: cloud.url,
        isQuiet: true,
      });
    let bot = await start();
    let ended = 0;
    const ask = async (request: Request) => {
      const { method, headers } = request;
      const body = await request.arrayBuffer();
      const answer = await fetch(bot.url, { method, headers, body }).catch(async () => {
        // It closes the connection on what is too large, or has ended.
        await delay(200);
        return new Response(null, { status: 500 });
      });
      if (bot.isRunning()) return answer;
      ended += 1;
      bot = await start();
      return answer;
    };
    const takesGood = async () =>
      expect((await ask(service().request())).status, `${name} takes what is right`).toBeLessThan(300);
    await takesGood();
    const taken = await takenOf(ask);
    await takesGood();
    await bot[Symbol.asyncDispose]();
    return { taken, ended };
  }

  it('are taken by none of ours, and by the bots of three SDKs in many ways', async () => {
    const ours = await takenOf((request, own) =>
      own
        .bot()
        .on('message', () => {})
        .fetch(request),
    );
    expect(cases.length).toBeGreaterThanOrEqual(120);
    expect(ours.map(({ name }) => name)).toEqual([]);
    const theirs = await Promise.all(foreignBots.map(async (name) => ({ name, ...(await takenBy(name)) })));
    console.info(`Of ${cases.length} requests that no bot should take, were taken:`);
    console.table(
      Object.fromEntries(
        [{ name: 'sluice', taken: ours, ended: 0 }, ...theirs].map(({ name, taken, ended }) => [
          name,
          { ...countsOf(taken), all: taken.length, 'ended its process': ended },
        ]),
      ),
    );
    for (const { name, taken } of theirs) expect(taken.length, name).toBeGreaterThan(0);
  });
});
