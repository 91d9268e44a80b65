/**
 * A server of a bot for the crash test: `PORT STORE`, with the twin's variables in the environment. Prints `ready` when
 * it listens, and goes on until it is killed. Its handler says two things about each message, and corrects the first.
 */
import { createBot, openBotStore, Secret } from '../../src/bot/index.ts';
import { listen } from '../../src/server/http/listen.ts';

const [port, url] = process.argv.slice(2) as [string, string];
const { TEAMS_BOT_APP_ID, TEAMS_BOT_APP_SECRET, TEAMS_BOT_TWIN_URL, TEAMS_TENANT_ID } = process.env;

const store = await openBotStore({ url, leaseMs: 2_000 });
const bot = createBot({
  appId: TEAMS_BOT_APP_ID!,
  tenant: TEAMS_TENANT_ID!,
  credential: { kind: 'secret', secret: new Secret(TEAMS_BOT_APP_SECRET!) },
  twinUrl: TEAMS_BOT_TWIN_URL,
  store,
}).on('message', async ({ text, reply, edit }) => {
  const { id } = await reply(`first ${text}`);
  if (id !== undefined) await edit(id, `First ${text}`);
  await reply(`second ${text}`);
});
await listen({ fetch: bot.fetch, host: '127.0.0.1', port: Number(port), requestTimeoutMs: 60_000 });
process.stdout.write('ready\n');
await bot.work(new AbortController().signal);
