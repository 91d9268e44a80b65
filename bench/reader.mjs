// One way to read all messages of a tenant into something queryable, alone in a process:
//   node bench/reader.mjs sluice|parse|naive FOLDER
// Prints one JSON line: rows, elapsed and CPU time (all threads), peak memory, requests.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { Agent, request } from 'undici';
import { connectionOf, connectionSections } from '../dist/config/connection.js';
import { loadSections } from '../dist/config/load-section.js';
import { createGraphClient } from '../dist/graph/client.js';
import { openLake } from '../dist/lake/lake.js';
import { fileStore } from '../dist/lake/stores/file.js';
import { systemRuntime } from '../dist/runtime/runtime.js';
import { sync } from '../dist/sync/run.js';
import { tables } from '../dist/tables/index.generated.js';

const TEAMS_AT_A_TIME = 8;
// As a command does: what is about sending is not looked at.
const connection = connectionOf(loadSections(connectionSections, { environment: process.env }));

/** Sluice as it is, without limits to keep. */
async function sluice(folder) {
  const scratchDir = join(folder, '.scratch');
  await mkdir(scratchDir, { recursive: true });
  const graph = createGraphClient({
    identity: connection,
    graphUrl: connection.graphUrl,
    loginUrl: connection.loginUrl,
    runtime: systemRuntime,
    limits: [],
  });
  const lake = await openLake({ store: fileStore(folder), tables, runtime: systemRuntime, scratchDir });
  const chosen = tables.filter((table) => table.resource === 'channel_messages');
  const report = await sync({ graph, lake, tables: chosen, runtime: systemRuntime }, new AbortController().signal);
  await lake.close();
  await graph.close();
  if (report.outcome !== 'ok') throw new Error(JSON.stringify(report));
  return { rows: report.tables.messages.rows + report.tables.message_replies.rows, requests: report.requests.total };
}

/** Parse in JavaScript, flatten to columns, DuckDB's appender: keep-alive sockets, eight teams at a time. */
async function parse(folder) {
  const agent = new Agent({ connections: TEAMS_AT_A_TIME });
  return appendAll(folder, async (url, headers) => {
    const { body } = await request(url, { headers, dispatcher: agent });
    return JSON.parse(Buffer.from(await body.arrayBuffer()).toString('utf8'));
  });
}

/** The first program one writes: global fetch and `.json()`. */
async function naive(folder) {
  return appendAll(folder, async (url, headers) => (await fetch(url, { headers })).json());
}

async function appendAll(folder, getJson) {
  const headers = { authorization: `Bearer ${await token()}` };
  const teams = (await getJson(`${connection.graphUrl}/teams`, headers)).value;
  const database = await DuckDBInstance.create(join(folder, 'messages.duckdb'));
  const duck = await database.connect();
  await duck.run(`CREATE TABLE messages (team_id VARCHAR, channel_id VARCHAR, id VARCHAR, replyToId VARCHAR, etag VARCHAR,
    messageType VARCHAR, createdDateTime VARCHAR, lastModifiedDateTime VARCHAR, lastEditedDateTime VARCHAR, deletedDateTime VARCHAR,
    subject VARCHAR, summary VARCHAR, importance VARCHAR, locale VARCHAR, webUrl VARCHAR, from_id VARCHAR, from_name VARCHAR,
    content_type VARCHAR, content VARCHAR, attachments VARCHAR, mentions VARCHAR, reactions VARCHAR, event_detail VARCHAR)`);
  const appender = await duck.createAppender('messages');
  let rows = 0;
  let requests = 1;
  const queue = [...teams];
  const lane = async () => {
    for (let team = queue.shift(); team; team = queue.shift()) {
      let url = `${connection.graphUrl}/teams/${team.id}/channels/getAllMessages?$top=50`;
      while (url) {
        const page = await getJson(url, headers);
        requests += 1;
        for (const message of page.value) append(appender, message);
        rows += page.value.length;
        url = page['@odata.nextLink'];
      }
    }
  };
  await Promise.all(Array.from({ length: TEAMS_AT_A_TIME }, lane));
  appender.closeSync();
  duck.closeSync();
  return { rows, requests };
}

function append(appender, message) {
  const { channelIdentity, from, body } = message;
  const list = (value) => (value?.length > 0 ? JSON.stringify(value) : null);
  const cells = [
    channelIdentity.teamId,
    channelIdentity.channelId,
    message.id,
    message.replyToId,
    message.etag,
    message.messageType,
    message.createdDateTime,
    message.lastModifiedDateTime,
    message.lastEditedDateTime,
    message.deletedDateTime,
    message.subject,
    message.summary,
    message.importance,
    message.locale,
    message.webUrl,
    from?.user?.id,
    from?.user?.displayName,
    body?.contentType,
    body?.content,
    list(message.attachments),
    list(message.mentions),
    list(message.reactions),
    message.eventDetail && JSON.stringify(message.eventDetail),
  ];
  for (const cell of cells) {
    if (cell === null || cell === undefined) appender.appendNull();
    else appender.appendVarchar(cell);
  }
  appender.endRow();
}

async function token() {
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: connection.clientId,
    client_secret: connection.credential.secret.reveal(),
    scope: 'https://graph.microsoft.com/.default',
  });
  const answer = await fetch(`${connection.loginUrl}/${connection.tenantId}/oauth2/v2.0/token`, {
    method: 'POST',
    body,
  });
  return (await answer.json()).access_token;
}

const [kind, folder] = process.argv.slice(2);
const startedAt = performance.now();
const before = process.cpuUsage();
const result = await { sluice, parse, naive }[kind](folder);
const elapsedMs = performance.now() - startedAt;
const { user, system } = process.cpuUsage(before);
console.log(
  JSON.stringify({
    kind,
    ...result,
    elapsedMs,
    cpuMs: (user + system) / 1000,
    peakBytes: process.resourceUsage().maxRSS * 1024,
  }),
);
