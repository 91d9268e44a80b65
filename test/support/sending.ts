import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cardToText, parseCardSource, previewPosts } from '../../src/cards/index.ts';
import { createConfigHolder } from '../../src/config/holder.ts';
import { type Runtime, systemRuntime } from '../../src/runtime/runtime.ts';
import { listen } from '../../src/server/http/listen.ts';
import { type RunningServer, startServer } from '../../src/server/serve.ts';
import { type WebhookRoutes, webhookRoutes } from '../../src/simulator/webhooks/webhook-routes.ts';
import { createLogger } from '../../src/telemetry/logger.ts';

/** Webhooks of a twin over real HTTP. */
export interface TestWebhooks extends AsyncDisposable {
  readonly webhooks: WebhookRoutes;
  readonly base: string;
  /** `host:port`. */
  readonly host: string;
  /** URL of the webhook `ops`. */
  readonly url: string;
  script(id: string, script: unknown): Promise<void>;
  channel(id: string): Promise<string>;
}

/** @param runtime - whose clock the channel shows */
export async function servedWebhooks(
  ids: readonly string[] = ['ops', 'builds'],
  runtime: Runtime = systemRuntime,
): Promise<TestWebhooks> {
  const webhooks = webhookRoutes({
    runtime,
    render: (card) => cardToText(card),
    renderPage: previewPosts,
    ids,
    limits: 'none',
  });
  const server = await listen({ fetch: webhooks.app.fetch, host: '127.0.0.1', port: 0, requestTimeoutMs: 30_000 });
  const host = `127.0.0.1:${server.port}`;
  const base = `http://${host}`;
  return {
    webhooks,
    base,
    host,
    url: webhooks.urls(base)[0]!,
    script: async (id, script) => {
      const answer = await fetch(`${base}/_twin/webhooks/${id}/script`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(script),
      });
      if (!answer.ok) throw new Error(await answer.text());
    },
    channel: async (id) => await (await fetch(`${base}/_twin/channel?webhook=${id}`)).text(),
    [Symbol.asyncDispose]: async () => {
      await server.close(0);
    },
  };
}

/** `sluice serve` on a configuration file of its own, with everything it logged. */
export interface TestServer extends AsyncDisposable {
  readonly server: RunningServer;
  readonly folder: string;
  readonly file: string;
  readonly lines: string[];
  post(
    path: string,
    body: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<{ status: number; body: string }>;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<{ status: number; body: string }>;
}

export async function servedSender(
  config: Readonly<Record<string, unknown>>,
  options: { runtime?: Runtime; folder?: string; files?: Readonly<Record<string, unknown>> } = {},
): Promise<TestServer> {
  const { runtime = systemRuntime } = options;
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'sluice-serve-')));
  const file = join(folder, 'sluice.yaml');
  for (const [name, content] of Object.entries(options.files ?? {})) {
    await writeFile(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
  }
  const whole = {
    outbox: { url: `sqlite:${join(folder, 'outbox.db')}` },
    log_level: 'debug',
    ...config,
    server: { port: 0, ...(config['server'] as object | undefined) },
  };
  await writeFile(file, JSON.stringify(whole, undefined, 2));
  const lines: string[] = [];
  const logger = createLogger({ level: 'debug', destination: { write: (line: string) => void lines.push(line) } });
  const holder = await createConfigHolder({ file, environment: {}, runtime, pollMs: 20 });
  const server = await startServer({ config: holder, runtime, logger });
  const call = async (path: string, init: RequestInit) => {
    const answer = await fetch(`${server.url}${path}`, init);
    return { status: answer.status, body: await answer.text() };
  };
  return {
    server,
    folder,
    file,
    lines,
    post: (path, body, headers = {}) =>
      call(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    get: (path, headers = {}) => call(path, { headers }),
    [Symbol.asyncDispose]: async () => {
      await server.stop();
      if (options.folder === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Resolves once `done` holds. */
export async function until(done: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await done())) await new Promise((resolve) => setTimeout(resolve, 10));
}

export const json = (text: string): unknown => parseCardSource(Buffer.from(text), 'the answer');
