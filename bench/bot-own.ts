/** The bot of the benchmark: `APP_ID CLOUD_URL`. Tells its parent its port, and its CPU when it is asked. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { createBot, Secret } from '../src/bot/index.ts';
import { TENANTS, tenantOf } from './bot-tenants.ts';

const [appId, twinUrl] = process.argv.slice(2) as [string, string];
const bot = createBot({
  appId,
  tenant: Array.from({ length: TENANTS }, (_, index) => tenantOf(index)),
  credential: { kind: 'secret', secret: new Secret('secret') },
  twinUrl,
}).on('message', ({ text, reply }) => reply(`You said: ${text}`));
process.on('message', () => process.send!({ cpu: process.cpuUsage() }));
process.on('disconnect', () => process.exit());
const server = createServer(getRequestListener(bot.fetch));
server.listen(0, '127.0.0.1', () => process.send!({ port: (server.address() as AddressInfo).port }));
