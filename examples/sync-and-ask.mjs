// Sync a tenant into a lake and ask it, as a library. Runs against a simulated tenant:
//   node examples/sync-and-ask.mjs
// With your own tenant, give createGraphClient your ids and a credential, and leave graphUrl and loginUrl out.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGraphClient } from 'sluice/graph';
import { fileStore, openLake, queryLake } from 'sluice/lake';
import { systemRuntime as runtime, Secret } from 'sluice/runtime';
import { startSimulator } from 'sluice/simulator';
import { sync } from 'sluice/sync';
import { tables } from 'sluice/tables';

const simulator = await startSimulator({ teams: 2, channels: 2, messages: 40, users: 12, seed: 3, limits: 'none' });
const { env } = simulator;
const folder = await mkdtemp(join(tmpdir(), 'sluice-example-'));

const graph = createGraphClient({
  identity: {
    tenantId: env.TEAMS_TENANT_ID,
    clientId: env.TEAMS_CLIENT_ID,
    credential: { kind: 'secret', secret: new Secret(env.TEAMS_CLIENT_SECRET) },
  },
  graphUrl: env.TEAMS_GRAPH_URL,
  loginUrl: env.TEAMS_LOGIN_URL,
  runtime,
});
const store = fileStore(join(folder, 'lake'));
const lake = await openLake({ store, tables, runtime, scratchDir: join(folder, 'scratch') });

const report = await sync({ graph, lake, tables, runtime }, AbortSignal.timeout(120_000));
console.log(`${report.outcome}: ${report.tables.messages.rows} messages in ${report.requests.total} requests`);

const sql = `SELECT c.displayName AS channel, count(*) AS messages
  FROM messages m JOIN channels c ON c.team_id = m.team_id AND c.id = m.channel_id
  GROUP BY channel ORDER BY messages DESC LIMIT 3`;
const { rows } = await queryLake({ store, tables, sql });
for (const [channel, messages] of rows) console.log(`${channel}: ${messages}`);

await lake.close();
await graph.close();
await simulator.close();
await rm(folder, { recursive: true, force: true });
