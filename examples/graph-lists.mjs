// Read Teams from a program, page by page, with the published limits kept. Runs against a simulated tenant:
//   node examples/graph-lists.mjs
// With your own tenant, give createGraphClient your ids and a credential, and leave graphUrl and loginUrl out.
import { createGraphClient, entitySets } from 'sluice/graph';
import { systemRuntime as runtime, Secret } from 'sluice/runtime';
import { startSimulator } from 'sluice/simulator';

const simulator = await startSimulator({ teams: 2, channels: 2, messages: 10, users: 12, seed: 3, limits: 'none' });
const { env } = simulator;
const client = createGraphClient({
  identity: {
    tenantId: env.TEAMS_TENANT_ID,
    clientId: env.TEAMS_CLIENT_ID,
    credential: { kind: 'secret', secret: new Secret(env.TEAMS_CLIENT_SECRET) },
  },
  graphUrl: env.TEAMS_GRAPH_URL,
  loginUrl: env.TEAMS_LOGIN_URL,
  runtime,
});
const graph = entitySets(client);

for await (const { id: teamId, displayName } of graph.teams.list()) {
  for await (const channel of graph.channels.list({ teamId })) {
    const place = { teamId, channelId: channel.id };
    for await (const message of graph.messages.list(place)) {
      console.log(`${displayName} / ${channel.displayName}: the newest is of ${message.createdDateTime}`);
      break; // No further page is asked for.
    }
  }
}

await client.close();
await simulator.close();
