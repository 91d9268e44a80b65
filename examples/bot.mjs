// A bot in Teams, under 60 lines: it answers, edits, shows a card, and takes its button. Here among the people of a twin;
// against Teams leave out `twinUrl` and the twin. Try: node examples/bot.mjs
import { createServer } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { createBot, Secret } from 'sluice/bot';
import { startSimulator } from 'sluice/simulator';

const server = createServer().listen(0, '127.0.0.1');
await new Promise((resolve) => server.once('listening', resolve));
const at = `http://127.0.0.1:${server.address().port}/api/messages`;
const simulator = await startSimulator({ bot: at, teams: '1', channels: '1', messages: '1', users: '5' });
const { TEAMS_BOT_APP_ID, TEAMS_BOT_APP_SECRET, TEAMS_BOT_TWIN_URL, TEAMS_TENANT_ID } = simulator.env;

const bot = createBot({
  appId: TEAMS_BOT_APP_ID,
  tenant: TEAMS_TENANT_ID,
  credential: { kind: 'secret', secret: new Secret(TEAMS_BOT_APP_SECRET) },
  twinUrl: TEAMS_BOT_TWIN_URL,
});

const card = (text, ...actions) => ({
  type: 'AdaptiveCard',
  version: '1.5',
  body: [{ type: 'TextBlock', text, wrap: true }],
  actions,
});
const approve = { type: 'Action.Execute', title: 'Approve', verb: 'approve' };

bot.on('installationUpdate:add', (context) => context.reply('Hello. Say "deploy".'));
bot.on('message', async (context) => {
  const { id } = await context.reply('One moment …');
  if (context.text === 'deploy') await context.card(card('Deploy build 512?', approve));
  await context.edit(id, `You said: ${context.text}`);
});
bot.on('invoke:adaptiveCard/action', () => ({
  statusCode: 200,
  type: 'application/vnd.microsoft.card.adaptive',
  value: card('Build 512 is on its way.'),
}));
server.on('request', getRequestListener(bot.fetch));

const headers = { 'content-type': 'application/json' };
const twin = (path, body) =>
  fetch(`${simulator.url}/_twin${path}`, body ? { method: 'POST', headers, body: JSON.stringify(body) } : {});
const seen = async () => (await twin('/channel?conversation=channel')).text();
while (!(await seen()).includes('You said: hello')) await new Promise((resolve) => setTimeout(resolve, 100));
await twin('/bot/do', { do: 'say', conversation: 'personal', text: 'deploy' });
console.log(await (await twin('/channel?conversation=personal')).text());
const pressed = await (await twin('/bot/do', { do: 'execute', verb: 'approve' })).json();
console.log(pressed.deliveries[0].body.value.body[0].text);

await simulator.close();
server.close();
server.closeAllConnections();
