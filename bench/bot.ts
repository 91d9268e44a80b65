/**
 * Turns of a bot per second and CPU per turn: the token is verified, the handler runs, its reply is sent. Beside bots of
 * three SDKs where they are installed (scripts/ci-bots.sh), one after the other in one run.
 *
 * `npm run bench -- bot`, or `node --import ./scripts/typescript.mjs bench/bot.ts [TURNS]`
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type BotCloud, startBotCloud } from '../test/support/bot-cloud.ts';
import { APP_ID, BotService, newKey } from '../test/support/bot-service.ts';
import {
  foreignBots,
  foreignBotsFolder,
  type RunningForeignBot,
  startForeignBot,
} from '../test/support/foreign-bots.ts';
import { VirtualClock } from '../test/support/virtual-clock.ts';
import { TENANTS, tenantOf } from './bot-tenants.ts';

const turns = Number(process.argv[2] ?? 2_000);
const WARM_UP = 300;
const AT_ONCE = 16;

const keys = [newKey('own')];
const cloud = await startBotCloud(keys);

async function startOwn({ url }: BotCloud): Promise<RunningForeignBot> {
  const child = fork(fileURLToPath(new URL('./bot-own.ts', import.meta.url)), [APP_ID, url], {
    execArgv: ['--import', new URL('../scripts/typescript.mjs', import.meta.url).href],
  });
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  return {
    url: `http://127.0.0.1:${port}/api/messages`,
    isRunning: () => child.exitCode === null,
    cpuMicros: async () => {
      child.send('cpu');
      const [{ cpu }] = (await once(child, 'message')) as [{ cpu: NodeJS.CpuUsage }];
      return cpu.user + cpu.system;
    },
    [Symbol.asyncDispose]: async () => {
      child.disconnect();
      await once(child, 'exit');
    },
  };
}

let ids = 0;

/** Each conversation is of a tenant of its own: the published windows of one would be the measure else. */
function requestsOf(count: number) {
  const service = new BotService(keys, 'public', new VirtualClock({ startMs: Date.now() }));
  const serviceUrl = `${cloud.url}/teams/`;
  const authorization = `Bearer ${service.token({ serviceurl: serviceUrl })}`;
  const headers = { 'content-type': 'application/json', authorization };
  return Array.from({ length: count }, () => {
    const id = String(++ids);
    const tenantId = tenantOf(ids % TENANTS);
    const conversation = { id: `a:${ids % TENANTS}`, conversationType: 'personal', tenantId };
    const activity = service.activity({ id, serviceUrl, conversation, channelData: { tenant: { id: tenantId } } });
    return { method: 'POST', headers, body: JSON.stringify(activity) };
  });
}

async function ask(url: string, requests: ReturnType<typeof requestsOf>): Promise<void> {
  const left = requests.values();
  const worker = async () => {
    for (const request of left) {
      const answer = await fetch(url, request);
      await answer.arrayBuffer();
      if (answer.status >= 300) throw new Error(`A message was answered with ${answer.status}.`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

async function measure(name: string, start: () => Promise<RunningForeignBot>): Promise<void> {
  await using bot = await start();
  await ask(bot.url, requestsOf(WARM_UP));
  const requests = requestsOf(turns);
  const repliesBefore = cloud.replies();
  const cpuBefore = await bot.cpuMicros();
  const startMs = performance.now();
  await ask(bot.url, requests);
  const seconds = (performance.now() - startMs) / 1_000;
  const cpu = (await bot.cpuMicros()) - cpuBefore;
  const replies = cloud.replies() - repliesBefore;
  if (replies !== turns) throw new Error(`${name}: ${replies} replies to ${turns} messages.`);
  const row = {
    bot: name,
    'turns per second': Math.round(turns / seconds),
    'CPU per turn, µs': Math.round(cpu / turns),
  };
  console.log(JSON.stringify(row));
}

await measure('sluice', () => startOwn(cloud));
const folder = foreignBotsFolder();
if (folder !== undefined) {
  const tenantId = tenantOf(0);
  for (const name of foreignBots) {
    await measure(name, () =>
      startForeignBot(name, folder, { appId: APP_ID, secret: 's', tenantId, cloudUrl: cloud.url }),
    );
  }
}
await cloud[Symbol.asyncDispose]();
