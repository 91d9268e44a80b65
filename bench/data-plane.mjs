// Cost of the data plane alone: pages in memory -> spool -> Parquet -> commit, without any request.
// Run: npm run build && node bench/data-plane.mjs [--messages 1000000] [--threads N] [--raw]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { openLake } from '../dist/lake/lake.js';
import { queryLake } from '../dist/lake/query/query.js';
import { fileStore } from '../dist/lake/stores/file.js';
import { systemRuntime } from '../dist/runtime/runtime.js';
import { tables } from '../dist/tables/index.generated.js';

const { values: options } = parseArgs({
  options: {
    messages: { type: 'string', default: '250000' },
    threads: { type: 'string' },
    raw: { type: 'boolean', default: false },
  },
});
const PER_PAGE = 50;
const pageCount = Math.ceil(Number(options.messages) / PER_PAGE);
const WORDS =
  'the team met budget größe launch 会議 review проект next week plan 🎉 agreed draft sent numbers late'.split(' ');

/** About 1.9 kB of JSON, in the proportions of data-plane measurements: reactions on a third, a mention on a tenth. */
function message(number) {
  const words = Array.from({ length: 60 }, (_, at) => WORDS[(number * 7 + at * 13) % WORDS.length]);
  const time = new Date(1_760_000_000_000 + number * 1000).toISOString();
  const user = (at) => ({
    application: null,
    device: null,
    user: {
      '@odata.type': '#microsoft.graph.teamworkUserIdentity',
      id: `8ea0e38b-efb3-4757-924a-${String(at % 4000).padStart(12, '0')}`,
      displayName: `Person ${at % 4000}`,
      userIdentityType: 'aadUser',
      tenantId: 'e61ef81e-8bd8-476a-92e8-4a62f8426fca',
    },
  });
  return {
    id: String(1_760_000_000_000 + number),
    replyToId: number % 3 === 0 ? null : String(1_760_000_000_000 + number - (number % 3)),
    etag: String(1_760_000_000_000 + number),
    messageType: 'message',
    createdDateTime: time,
    lastModifiedDateTime: time,
    lastEditedDateTime: null,
    deletedDateTime: null,
    subject: null,
    summary: null,
    chatId: null,
    importance: 'normal',
    locale: 'en-us',
    webUrl: `https://teams.microsoft.com/l/message/19%3Aabc%40thread.tacv2/${number}?groupId=fbe2bf47&tenantId=e61ef81e`,
    policyViolation: null,
    eventDetail: null,
    from: user(number),
    body: { contentType: 'html', content: `<div>${words.join(' ')}</div>` },
    channelIdentity: { teamId: `team-${number % 20}`, channelId: `19:channel-${number % 160}@thread.tacv2` },
    attachments:
      number % 20 === 0
        ? [
            {
              id: `a${number}`,
              contentType: 'reference',
              contentUrl: 'https://x/y',
              content: null,
              name: 'plan.docx',
              thumbnailUrl: null,
              teamsAppId: null,
            },
          ]
        : [],
    mentions: number % 10 === 0 ? [{ id: 0, mentionText: 'Person', mentioned: user(number + 1) }] : [],
    reactions:
      number % 3 === 0
        ? [1, 2].map((at) => ({
            reactionType: at === 1 ? 'like' : '🎉',
            displayName: null,
            reactionContentUrl: null,
            createdDateTime: time,
            user: user(number + at),
          }))
        : [],
    messageHistory: [],
  };
}

// Distinct pages repeat: ids stay unique per page by replacing the number in place.
const template = Array.from({ length: 400 }, (_, page) =>
  JSON.stringify({ value: Array.from({ length: PER_PAGE }, (_, at) => message(page * PER_PAGE + at)) }),
);
const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
const store = fileStore(join(folder, 'lake'));
const lake = await openLake({
  store,
  tables,
  runtime: systemRuntime,
  scratchDir: join(folder, 'scratch'),
  rawColumn: options.raw,
  ...(options.threads && { threads: Number(options.threads) }),
});
const load = await lake.begin({ loadId: 'bench' });
const delayMs = monitorEventLoopDelay();
let bytesIn = 0;
let generationMs = 0;
let generationCpu = 0;
const cpu = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
delayMs.enable();
const startedCpu = cpu();
const startedMs = performance.now();
for (let page = 0; page < pageCount; page += 1) {
  const before = performance.now();
  const round = Math.floor(page / template.length);
  const bytes = Buffer.from(template[page % template.length].replaceAll('"176', `"${17 + round}6`));
  generationMs += performance.now() - before;
  bytesIn += bytes.length;
  await load.append({
    resource: 'channel_messages',
    partition: 'all',
    context: { fetchedAt: '2026-11-01T00:00:00Z' },
    bytes,
  });
}
await load.close();
delayMs.disable();
generationCpu = generationMs / 1000;
const seconds = (performance.now() - startedMs) / 1000;
const messages = pageCount * PER_PAGE;
const used = cpu() - startedCpu - generationCpu;
const loadPeakMegabytes = Math.round(process.resourceUsage().maxRSS / 1024);
const timed = async (work) => {
  const [beforeCpu, beforeMs] = [cpu(), performance.now()];
  const value = await work();
  return { cpuSeconds: +(cpu() - beforeCpu).toFixed(2), ms: Math.round(performance.now() - beforeMs), value };
};
const count = (sql) => timed(async () => (await queryLake({ store, tables, sql })).rows[0][0]);
const report = {
  messages,
  megabytes: Math.round(bytesIn / 1e6),
  messagesPerSecond: Math.round(messages / (seconds - generationCpu)),
  cpuSecondsPerMillion: +((used * 1e6) / messages).toFixed(2),
  eventLoopDelayP99Ms: +(delayMs.percentile(99) / 1e6).toFixed(1),
  loadPeakMegabytes,
  counts: Object.fromEntries(
    Object.entries(load.counts)
      .filter(([, { rows }]) => rows > 0)
      .map(([name, { rows }]) => [name, rows]),
  ),
  queryMessages: await count('SELECT count(*) FROM messages'),
  queryReactions: await count('SELECT count(*) FROM message_reactions'),
  publish: await timed(async () => (await lake.publish({ force: true })).length),
  queryReactionsPublished: await count('SELECT count(*) FROM message_reactions'),
  compact: await timed(async () =>
    Object.values((await lake.compact()).tables).reduce((sum, { filesBefore }) => sum + filesBefore, 0),
  ),
  peakMegabytes: Math.round(process.resourceUsage().maxRSS / 1024),
};
console.log(JSON.stringify(report, null, 2));
await lake.close();
rmSync(folder, { recursive: true, force: true });
