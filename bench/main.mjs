// npm run bench [-- NAME …]: every benchmark, or those named. Figures are ratios within one run: machines differ.
import os from 'node:os';
import { benchAttendance } from './attendance.mjs';
import { benchBot } from './bot.mjs';
import { benchCards } from './cards.mjs';
import { benchChats } from './chats.mjs';
import { benchIngress } from './ingress.mjs';
import { benchOutbox } from './outbox.mjs';
import { benchIncremental, benchMemory, benchPipeline } from './pipeline.mjs';
import { benchRoutes } from './route.mjs';
import { benchSmallSync } from './small-sync.mjs';
import { benchStart } from './start.mjs';
import { benchStores } from './stores.mjs';
import { benchTenant } from './tenant.mjs';

const benches = {
  start: ['CPU of a command before it does anything', async () => benchStart()],
  pipeline: ['From HTTP to tables, beside parsing in JavaScript', benchPipeline],
  memory: ['Peak memory as the tenant grows', benchMemory],
  incremental: ['Cost of 100 changes as the tenant grows', benchIncremental],
  'small-sync': ['Cost of three messages in a lake as it grows', benchSmallSync],
  stores: ['A first load and a query in a folder, in Azurite, in an S3 server', async () => benchStores()],
  chats: ['Chats of 500 users: requests beside the plan, and time at the published limits', async () => benchChats()],
  attendance: [
    'Attendance of 50 accounts × 40 meetings: requests beside the original way, time beside the limits',
    async () => benchAttendance(),
  ],
  tenant: [
    'Everything of a tenant: requests of a first and an idle sync beside their plans',
    async () => benchTenant(),
  ],
  routes: ['Route decisions, indexed beside linear', async () => console.table(benchRoutes())],
  cards: ['Card validations, beside ajv', benchCards],
  ingress: ['Alerts from a body to the outbox', benchIngress],
  bot: ['Turns of a bot, beside bots of three SDKs', async () => benchBot()],
  outbox: ['Messages through the outbox, limits off', benchOutbox],
};

const names = process.argv.slice(2);
const unknown = names.filter((name) => !(name in benches));
if (unknown.length > 0) {
  console.error(`Unknown: ${unknown.join(', ')}. Valid: ${Object.keys(benches).join(', ')}.`);
  process.exit(2);
}
console.log(
  `Node ${process.version}, ${os.cpus().length} × ${os.cpus()[0]?.model ?? 'CPU'}, ${new Date().toISOString().slice(0, 10)}`,
);
for (const [name, [title, run]] of Object.entries(benches)) {
  if (names.length > 0 && !names.includes(name)) continue;
  console.log(`\n${title} (npm run bench -- ${name})`);
  await run();
}
