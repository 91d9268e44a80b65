/**
 * A bot of another SDK, as its documentation writes it: `NAME FOLDER`, with CLIENT_ID, CLIENT_SECRET, TENANT_ID and the
 * place that stands in for Microsoft's hosts (CLOUD_URL) in the environment. Tells its parent the port that it listens at,
 * and answers `cpu` with the CPU time that it has used.
 */
const http = require('node:http');
const https = require('node:https');
const { createRequire, syncBuiltinESMExports } = require('node:module');
const { join } = require('node:path');

const [name, folder] = process.argv.slice(2);
const { CLIENT_ID: clientId, CLIENT_SECRET: clientSecret, TENANT_ID: tenantId, CLOUD_URL, IS_QUIET } = process.env;
const load = createRequire(join(folder, 'package.json'));
const cloud = new URL(CLOUD_URL);
const HOSTS = new Set(['login.microsoftonline.com', 'login.botframework.com', 'login.windows.net']);
const isQuiet = IS_QUIET === '1';

/** What is for Microsoft's sign-in and keys goes to the twin. The bots themselves are as they are. */
const request = https.request;
https.request = (first, second, third) => {
  const url = typeof first === 'string' || first instanceof URL ? new URL(first) : undefined;
  const options = url ? (typeof second === 'object' ? second : {}) : first;
  const host = url?.hostname ?? options.hostname ?? options.host;
  if (!HOSTS.has(host)) return request(first, second, third);
  const path = url ? url.pathname + url.search : options.path;
  const { method, headers, timeout, signal } = options;
  const own = { method, headers, timeout, signal, path, hostname: cloud.hostname, port: cloud.port };
  return http.request(own, typeof second === 'function' ? second : third);
};
https.get = (...given) => {
  const asked = https.request(...given);
  asked.end();
  return asked;
};
const plainFetch = globalThis.fetch;
globalThis.fetch = (input, init) => {
  const url = new URL(typeof input === 'string' ? input : (input.url ?? input.href));
  return plainFetch(HOSTS.has(url.hostname) ? new URL(url.pathname + url.search, cloud) : input, init);
};
syncBuiltinESMExports();

const wordsOf = (activity) => `You said: ${String(activity.text ?? '').replace(/<at>.*<\/at>\s*/, '')}`;

function served(handle, ...middleware) {
  const express = load('express');
  const app = express();
  app.use(express.json({ limit: '1mb' }), ...middleware);
  app.post('/api/messages', handle);
  return new Promise((resolve) => {
    const server = app.listen(0, '127.0.0.1', () => resolve(server.address().port));
  });
}

const bots = {
  'teams.apps': async () => {
    const { App, ExpressAdapter } = load('@microsoft/teams.apps');
    const log = () => {};
    const logger = { log, info: log, debug: log, warn: log, error: log, trace: log, child: () => logger };
    const server = http.createServer();
    const app = new App({ clientId, clientSecret, tenantId, logger, httpServerAdapter: new ExpressAdapter(server) });
    app.on('message', async ({ activity, send }) => {
      if (!isQuiet) await send(wordsOf(activity));
    });
    await app.initialize();
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    return server.address().port;
  },
  'agents-hosting': async () => {
    const { ActivityHandler, authorizeJWT, CloudAdapter, getAuthConfigWithDefaults } =
      load('@microsoft/agents-hosting');
    const settings = getAuthConfigWithDefaults({ clientId, clientSecret, tenantId });
    const agent = new ActivityHandler().onMessage(async (context, next) => {
      if (!isQuiet) await context.sendActivity(wordsOf(context.activity));
      await next();
    });
    const adapter = new CloudAdapter(settings);
    const handle = (req, res) => adapter.process(req, res, (context) => agent.run(context));
    return served(handle, authorizeJWT(settings));
  },
  botbuilder: async () => {
    const { ActivityHandler, CloudAdapter, ConfigurationBotFrameworkAuthentication } = load('botbuilder');
    const authentication = new ConfigurationBotFrameworkAuthentication({
      MicrosoftAppId: clientId,
      MicrosoftAppPassword: clientSecret,
      MicrosoftAppType: 'SingleTenant',
      MicrosoftAppTenantId: tenantId,
    });
    const bot = new ActivityHandler();
    bot.onMessage(async (context, next) => {
      if (!isQuiet) await context.sendActivity(wordsOf(context.activity));
      await next();
    });
    const adapter = new CloudAdapter(authentication);
    adapter.onTurnError = async () => {};
    return served((req, res) => adapter.process(req, res, (context) => bot.run(context)));
  },
};

process.on('message', (asked) => {
  if (asked === 'cpu') process.send({ cpu: process.cpuUsage() });
});
process.on('disconnect', () => process.exit());
// What they print may hold tokens and keys.
for (const word of ['log', 'info', 'warn', 'error', 'debug']) console[word] = () => {};
bots[name]().then((port) => process.send({ port }));
