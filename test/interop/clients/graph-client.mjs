// Microsoft's Graph client, as its README uses it. It sends no token to hosts it does not know: `customHosts`.
import { ConfidentialClientApplication } from '@azure/msal-node';
import { Client, PageIterator } from '@microsoft/microsoft-graph-client';

const env = process.env;
const graph = new URL(env.TEAMS_GRAPH_URL);
const login = new ConfidentialClientApplication({
  auth: {
    clientId: env.TEAMS_CLIENT_ID,
    clientSecret: env.TEAMS_CLIENT_SECRET,
    authority: `${env.TEAMS_LOGIN_URL}/${env.TEAMS_TENANT_ID}`,
    knownAuthorities: [new URL(env.TEAMS_LOGIN_URL).host],
  },
});
const scopes = ['https://graph.microsoft.com/.default'];
const client = Client.initWithMiddleware({
  baseUrl: graph.origin,
  defaultVersion: 'v1.0',
  customHosts: new Set([graph.hostname]),
  authProvider: { getAccessToken: async () => (await login.acquireTokenByClientCredential({ scopes })).accessToken },
});

const messages = [];
const teams = (await client.api('/teams').get()).value;
for (const team of teams) {
  for (const channel of (await client.api(`/teams/${team.id}/channels`).get()).value) {
    const first = await client.api(`/teams/${team.id}/channels/${channel.id}/messages`).expand('replies').top(50).get();
    await new PageIterator(client, first, (message) => {
      messages.push(message.id, ...message.replies.map(({ id }) => id));
      return true;
    }).iterate();
  }
}
console.log(JSON.stringify({ teams: teams.length, messages: messages.length }));
