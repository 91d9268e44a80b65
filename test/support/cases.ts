import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { cardToText, HOST_PROFILES, textCard, validateCard, WORKFLOW } from '../../src/cards/index.ts';
import { createConfigHolder } from '../../src/config/holder.ts';
import { checkConfig } from '../../src/config/load.ts';
import type { Sender } from '../../src/sending/sender.ts';
import { type RunningServer, startServer } from '../../src/server/serve.ts';
import { servedWebhooks, type TestWebhooks, until } from './sending.ts';
import { sameLines, shownText, teamsViews } from './teams-views.ts';
import { VirtualClock } from './virtual-clock.ts';

/** The day on which the cases play, a little after their alerts began. */
const BEGIN_MS = Date.UTC(2026, 10, 28, 10, 5);

const HOUR_MS = 3_600_000;

const step = z.union([
  z.strictObject({ post: z.string(), body: z.unknown() }),
  /** Seconds that pass little by little. */
  z.strictObject({ wait: z.number() }),
  /** Hours that pass at once, as on a machine that slept. */
  z.strictObject({ clockHours: z.number() }),
  /** The loops look at the clock. */
  z.strictObject({ tick: z.literal(true) }),
]);

const said = { id: z.string(), set: z.string(), kind: z.string(), source: z.string(), expect: z.string() };
const texts = z.array(z.string());

const sendingCheck = z.strictObject({
  status: z.int(),
  posts_min: z.int().optional(),
  posts_with: z.strictObject({ text: z.string(), min: z.int().optional(), max: z.int().optional() }).optional(),
  text_has: texts.optional(),
  text_lacks: texts.optional(),
  last_text_re: z.string().optional(),
  last_text_lacks: texts.optional(),
  card_has: texts.optional(),
  card_lacks: texts.optional(),
});

/** The four forms of a case. Every step and every check is known, or the case is refused. */
const caseSchema = z.union([
  z.strictObject({
    ...said,
    config: z.string(),
    files: z.record(z.string(), z.unknown()).optional(),
    steps: z.array(step),
    check: sendingCheck,
  }),
  z.strictObject({ ...said, config_check: z.string(), check: z.strictObject({ rc: z.int() }) }),
  z.strictObject({
    ...said,
    lint: z.unknown(),
    host: z.enum(['workflow', 'bot']),
    check: z.strictObject({ errors: z.int() }),
  }),
  z.strictObject({
    ...said,
    text: z.string(),
    check: z.strictObject({ web: z.literal(true), mobile: z.literal(true).optional() }),
  }),
]);

export type SendingCase = z.output<typeof caseSchema>;
type ServedCase = Extract<SendingCase, { steps: unknown }>;

export const parseCase = (text: string): SendingCase => caseSchema.parse(JSON.parse(text));

/**
 * What does not hold of a case, in words; empty when all does.
 *
 * @param patienceMs - how long to wait for posts that do not come
 */
export async function playCase(one: SendingCase, patienceMs: number): Promise<string[]> {
  if ('config_check' in one) return await checkFaults(one);
  if ('lint' in one) {
    const errors = validateCard(one.lint, HOST_PROFILES[one.host]).filter(({ severity }) => severity === 'error');
    return unless(errors.length > 0 === one.check.errors > 0, `errors: ${errors.map(({ code }) => code).join()}`);
  }
  if ('text' in one) return textFaults(one);
  return await playServed(one, patienceMs);
}

const unless = (holds: boolean, fault: string) => (holds ? [] : [fault]);

async function checkFaults({ config_check: text, check }: Extract<SendingCase, { config_check: string }>) {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-case-'));
  const file = join(folder, 'sluice.yaml');
  await writeFile(file, text);
  const environment = { OPS: 'http://127.0.0.1:1/ops', TEAMS_WEBHOOK_TWIN_HOSTS: '127.0.0.1:1' };
  const rc = 'faults' in (await checkConfig({ file, environment })) ? 1 : 0;
  await rm(folder, { recursive: true });
  return unless(rc === check.rc, `rc: ${rc}`);
}

function textFaults({ text, check }: Extract<SendingCase, { text: string }>): string[] {
  const card = textCard(text, WORKFLOW);
  const views = check.mobile ? Object.entries(teamsViews) : [['web', teamsViews.web] as const];
  return views.flatMap(([name, view]) => {
    const shown = shownText(card, view);
    return unless(sameLines(shown).join('\n') === sameLines(text).join('\n'), `${name}: ${shown}`);
  });
}

interface Posted {
  readonly text: string;
  readonly card: string;
}

async function playServed(one: ServedCase, patienceMs: number): Promise<string[]> {
  await using twin = await servedWebhooks(['ops']);
  const folder = await mkdtemp(join(tmpdir(), 'sluice-case-'));
  for (const [name, content] of Object.entries(one.files ?? {})) {
    await writeFile(join(folder, name), JSON.stringify(content));
  }
  const file = join(folder, 'sluice.yaml');
  await writeFile(file, one.config);
  const runtime = new VirtualClock({ seed: 1, startMs: BEGIN_MS });
  const environment = {
    OPS: twin.url,
    TEAMS_WEBHOOK_TWIN_HOSTS: twin.host,
    SLUICE_OUTBOX_URL: `sqlite:${join(folder, 'outbox.db')}`,
  };
  const config = await createConfigHolder({ file, environment, flags: { port: 0 }, runtime });
  const server = await startServer({ config, runtime });
  try {
    const statuses: number[] = [];
    for (const next of one.steps) {
      const status = await play(next, server.url, runtime);
      if (status !== undefined) statuses.push(status);
      await idle(server.sender);
    }
    await settled(one, server, twin, patienceMs);
    return checked(one, statuses, await postsOf(twin));
  } finally {
    await server.stop();
    await rm(folder, { recursive: true });
  }
}

async function play(next: z.output<typeof step>, url: string, runtime: VirtualClock): Promise<number | undefined> {
  if ('post' in next) {
    const headers = { 'content-type': 'application/json' };
    return (await fetch(`${url}${next.post}`, { method: 'POST', headers, body: JSON.stringify(next.body) })).status;
  }
  if ('wait' in next) {
    for (let passedMs = 0; passedMs < next.wait * 1_000; passedMs += 100) await pass(runtime, 100);
  } else await pass(runtime, 'clockHours' in next ? next.clockHours * HOUR_MS : 0);
  return undefined;
}

async function pass(runtime: VirtualClock, ms: number): Promise<void> {
  runtime.advance(ms);
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

const idle = async ({ outbox }: Sender) =>
  await until(async () => (await outbox.list({ states: ['pending', 'leased'] })).length === 0);

/** Nothing is on its way any more, and what must come has come; or it does not come. */
async function settled(
  { check }: ServedCase,
  { sender }: RunningServer,
  twin: TestWebhooks,
  patienceMs: number,
): Promise<void> {
  await idle(sender);
  const least = Math.max(check.posts_min ?? 0, check.posts_with?.min ?? 0);
  const endMs = Date.now() + patienceMs;
  await until(() => twin.webhooks.ledger('ops').length >= least || Date.now() > endMs);
}

async function postsOf(twin: TestWebhooks): Promise<Posted[]> {
  const answer = await fetch(`${twin.base}/_twin/channel?webhook=ops&format=json`);
  const { posts } = (await answer.json()) as { posts: { cards: { card: unknown }[] }[] };
  return posts.map(({ cards }) => ({
    text: cards.map(({ card }) => cardToText(card, { width: 1_000 })).join('\n'),
    card: cards.map(({ card }) => JSON.stringify(card)).join('\n'),
  }));
}

function checked({ check }: ServedCase, statuses: readonly number[], posts: readonly Posted[]): string[] {
  const all = (part: keyof Posted) => posts.map((post) => post[part]).join('\n');
  const last = posts.at(-1)?.text ?? '';
  const has = (where: string, words: readonly string[] = []) =>
    words.flatMap((word) => unless(where.includes(word), `lacks ${word}`));
  const lacks = (where: string, words: readonly string[] = []) =>
    words.flatMap((word) => unless(!where.includes(word), `has ${word}`));
  const { posts_with: counted, last_text_re: pattern } = check;
  const count = posts.filter(({ text }) => counted && text.includes(counted.text)).length;
  return [
    ...statuses.flatMap((status) => unless(status === check.status, `status ${status}`)),
    ...unless(posts.length >= (check.posts_min ?? 0), `${posts.length} posts`),
    ...unless(count >= (counted?.min ?? 0) && count <= (counted?.max ?? count), `${count} posts with the text`),
    ...unless(!pattern || caseInsensitive(pattern).test(last), 'the last text does not match'),
    ...has(all('text'), check.text_has),
    ...lacks(all('text'), check.text_lacks),
    ...lacks(last, check.last_text_lacks),
    ...has(all('card'), check.card_has),
    ...lacks(all('card'), check.card_lacks),
  ];
}

/** The cases write patterns with Python's inline flag. */
const caseInsensitive = (pattern: string) => new RegExp(pattern.replace(/^\(\?i\)/, ''), 'i');
