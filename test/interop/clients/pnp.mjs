// PnP Graph with its own Node defaults: MSAL, retries, paging.
import '@pnp/graph/teams/index.js';
import '@pnp/graph/users/index.js';
import { graphfi } from '@pnp/graph';
import { GraphDefault } from '@pnp/nodejs';

const env = process.env;
const graph = graphfi().using(
  GraphDefault({
    baseUrl: env.TEAMS_GRAPH_URL,
    msal: {
      config: {
        auth: {
          clientId: env.TEAMS_CLIENT_ID,
          clientSecret: env.TEAMS_CLIENT_SECRET,
          authority: `${env.TEAMS_LOGIN_URL}/${env.TEAMS_TENANT_ID}`,
          knownAuthorities: [new URL(env.TEAMS_LOGIN_URL).host],
        },
      },
      scopes: ['https://graph.microsoft.com/.default'],
    },
  }),
);

const users = [];
for await (const page of graph.users.top(5)) users.push(...page);
const [first] = await graph.teams();
const team = await graph.teams.getById(first.id)();
const channels = await graph.teams.getById(first.id).channels();
const messages = await graph.teams.getById(first.id).channels.getById(channels[0].id).messages();
console.log(
  JSON.stringify({ users: users.length, webUrl: team.webUrl, channels: channels.length, messages: messages.length }),
);
