// MSAL with a certificate: the assertion it signs is checked by the twin.
import { readFileSync } from 'node:fs';
import { ConfidentialClientApplication } from '@azure/msal-node';

const env = process.env;
const login = new ConfidentialClientApplication({
  auth: {
    clientId: env.TEAMS_CLIENT_ID,
    authority: `${env.TEAMS_LOGIN_URL}/${env.TEAMS_TENANT_ID}`,
    knownAuthorities: [new URL(env.TEAMS_LOGIN_URL).host],
    clientCertificate: {
      thumbprintSha256: env.APP_THUMBPRINT,
      privateKey: readFileSync(env.APP_KEY, 'utf8'),
      x5c: readFileSync(env.APP_CERTIFICATE, 'utf8'),
    },
  },
});
const { accessToken } = await login.acquireTokenByClientCredential({
  scopes: ['https://graph.microsoft.com/.default'],
});
const claims = JSON.parse(Buffer.from(accessToken.split('.')[1], 'base64url').toString());
const answer = await fetch(`${env.TEAMS_GRAPH_URL}/users?$top=3`, {
  headers: { authorization: `Bearer ${accessToken}` },
});
console.log(JSON.stringify({ status: answer.status, roles: claims.roles, aud: claims.aud, tid: claims.tid }));
