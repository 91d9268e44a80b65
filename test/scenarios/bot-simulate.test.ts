import { expect, it } from 'vitest';
import { createBot, Secret } from '../../src/bot/index.ts';
import { listen } from '../../src/server/http/listen.ts';
import { startSimulator } from '../../src/simulator/start-simulator.ts';
import { freePort } from '../support/free-port.ts';

it('sluice simulate --bot: people greet a bot that is started later, and it answers them over HTTP', async () => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/api/messages`;
  const simulator = await startSimulator({ bot: url, teams: 1, channels: 1, messages: 1, users: 5 });
  const { TEAMS_BOT_APP_ID, TEAMS_BOT_APP_SECRET, TEAMS_BOT_TWIN_URL, TEAMS_TENANT_ID } = simulator.env;
  const bot = createBot({
    appId: TEAMS_BOT_APP_ID!,
    tenant: TEAMS_TENANT_ID!,
    credential: { kind: 'secret', secret: new Secret(TEAMS_BOT_APP_SECRET!) },
    twinUrl: TEAMS_BOT_TWIN_URL,
  }).on('message', ({ reply, text }) => reply(`You said: ${text}`));
  const server = await listen({ fetch: bot.fetch, host: '127.0.0.1', port, requestTimeoutMs: 60_000 });
  try {
    for (const conversation of ['personal', 'group', 'channel']) {
      const seen = async () => (await fetch(`${simulator.url}/_twin/channel?conversation=${conversation}`)).text();
      await expect.poll(seen, { timeout: 60_000 }).toContain('You said: hello');
    }
  } finally {
    await simulator.close();
    await server.close(0);
  }
});
