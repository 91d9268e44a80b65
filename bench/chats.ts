/**
 * The chats of many users by each strategy: the requests that the plan says beforehand, those that a run makes, and the
 * time in which the published limits allow them. Against the twin, whose ledger must be met.
 *
 * `npm run bench -- chats`, or `node --import ./scripts/typescript.mjs bench/chats.ts [USERS CHATS]`
 */
import { join } from 'node:path';
import { connectionOf } from '../src/config/connection.ts';
import { loadConfig } from '../src/config/load.ts';
import { createGraphClient } from '../src/graph/client.ts';
import { openLake } from '../src/lake/lake.ts';
import { fileStore } from '../src/lake/stores/file.ts';
import { systemRuntime as runtime } from '../src/runtime/runtime.ts';
import { startSimulator } from '../src/simulator/start-simulator.ts';
import { estimateRun } from '../src/sync/estimate.ts';
import { sync } from '../src/sync/run.ts';
import { tables } from '../src/tables/index.generated.ts';
import { allRows, ledgerRows, withFolder } from '../test/support/lake.ts';
import { controlOf } from '../test/support/twin.ts';

const [users = 500, chats = 300] = process.argv.slice(2).map(Number);
const names = ['chats', 'chat_members', 'chat_messages'];
const chosen = tables.filter(({ name }) => names.includes(name));
const { signal } = new AbortController();
const twin = await startSimulator({
  profile: 'regular',
  limits: 'none',
  ...{ teams: 1, channels: 1, messages: 20, users, chats, seed: 3 },
});
const { ledger } = controlOf(twin.url);
const identity = connectionOf((await loadConfig({ environment: twin.env })).config);
const urls = { graphUrl: identity.graphUrl!, loginUrl: identity.loginUrl! };
const graph = createGraphClient({ identity, runtime, limits: [], ...urls });

async function run(folder: string, strategy: string, which: string): Promise<void> {
  const store = fileStore(join(folder, strategy));
  await using lake = await openLake({ store, tables: chosen, runtime, scratchDir: join(folder, 'scratch', strategy) });
  const plan = await estimateRun({ graph, runtime, tables: chosen, positions: lake.positions(), strategy }, signal);
  const report = await sync({ graph, lake, tables: chosen, runtime, strategy }, signal);
  const rows = await allRows(join(folder, strategy), names);
  for (const name of names) {
    const truth = ledgerRows(name, await ledger(name));
    if (JSON.stringify(rows[name]) !== JSON.stringify(truth)) throw new Error(`${name} is not what the twin holds.`);
  }
  const line = {
    run: `${which}, ${strategy}`,
    outcome: report.outcome,
    messages: rows['chat_messages']!.length,
    planned: plan.requests,
    made: report.requests.total,
    ratio: Number((report.requests.total / plan.requests).toFixed(2)),
    plannedSeconds: Math.round(plan.lowerBoundMs / 100) / 10,
    neededSeconds: Math.round(report.plan.lowerBoundMs / 100) / 10,
    absent: report.absent.length,
  };
  console.log(JSON.stringify(line));
}

await withFolder(async (folder) => {
  for (const strategy of ['export', 'recent', 'delta'])
    for (const which of ['first', 'idle']) await run(folder, strategy, which);
});
await graph.close();
await twin.close();
