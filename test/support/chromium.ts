import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

const PROGRAMS = ['chromium', 'chromium-browser', 'google-chrome'];

/** The browser's name where one is installed. Says so when not; where it is required, that is an error. */
export function chromiumProgram(): string | undefined {
  const found = PROGRAMS.find((program) => spawnSync(program, ['--version']).status === 0);
  if (found !== undefined) return found;
  const message = 'Chromium is not installed: what it would look at is skipped (scripts/ci-chromium.sh installs it).';
  if (process.env['SLUICE_REQUIRE_CHROMIUM']) throw new Error(message);
  console.warn(message);
  return undefined;
}

export interface Screen {
  readonly width: number;
  readonly height: number;
  readonly isPhone: boolean;
}

/** A page that has been loaded whole, its pictures too. */
export interface LoadedPage {
  /** Evaluates an expression in the page, whatever its Content-Security-Policy. @returns its value */
  evaluate(expression: string): Promise<unknown>;
  /** The whole page as a PNG. */
  picture(): Promise<Buffer>;
}

/** A headless browser of its own, with an empty profile. It reaches no host but 127.0.0.1. */
export interface TestBrowser extends AsyncDisposable {
  /** @param picture - SVG that stands for every picture of another host */
  open(url: string, screen: Screen, picture: string): Promise<LoadedPage>;
}

/**
 * Speaks the DevTools protocol over a pipe: JSON, ended by a zero byte.
 *
 * @see https://chromedevtools.github.io/devtools-protocol/
 */
export async function startChromium(program: string): Promise<TestBrowser> {
  const profile = await mkdtemp(join(tmpdir(), 'sluice-chromium-'));
  const child = spawn(
    program,
    [
      '--headless=new',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--hide-scrollbars',
      '--remote-debugging-pipe',
      `--user-data-dir=${profile}`,
    ],
    { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] },
  );
  const gone = once(child, 'exit');
  const connection = connect(child.stdio[3] as Writable, child.stdio[4] as Readable);
  return {
    open: async (url, screen, picture) => await openPage(connection, url, screen, picture),
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await gone;
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

type Parameters = Readonly<Record<string, unknown>>;
interface Incoming {
  readonly id?: number;
  readonly method?: string;
  readonly sessionId?: string;
  readonly params?: Parameters;
  readonly result?: Parameters;
  readonly error?: { readonly message: string };
}

interface Connection {
  call(method: string, params: Parameters, sessionId?: string): Promise<Parameters>;
  /** Hears every event. */
  on(listener: (event: Incoming) => void): void;
}

function connect(input: Writable, output: Readable): Connection {
  const waiting = new Map<number, (answer: Incoming) => void>();
  const listeners: ((event: Incoming) => void)[] = [];
  let rest = '';
  output.setEncoding('utf8').on('data', (chunk: string) => {
    const parts = (rest + chunk).split('\0');
    rest = parts.pop()!;
    for (const part of parts) {
      const message = JSON.parse(part) as Incoming;
      if (message.id === undefined) for (const listener of listeners) listener(message);
      else waiting.get(message.id)?.(message);
    }
  });
  let last = 0;
  return {
    call: async (method, params, sessionId) => {
      const id = ++last;
      const answered = new Promise<Incoming>((resolve) => waiting.set(id, resolve));
      input.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
      const { result, error } = await answered;
      waiting.delete(id);
      if (error) throw new Error(`${method}: ${error.message}`);
      return result ?? {};
    },
    on: (listener) => void listeners.push(listener),
  };
}

async function openPage(connection: Connection, url: string, screen: Screen, picture: string): Promise<LoadedPage> {
  const { targetId } = await connection.call('Target.createTarget', { url: 'about:blank' });
  const { sessionId } = await connection.call('Target.attachToTarget', { targetId, flatten: true });
  const call = async (method: string, params: Parameters = {}) =>
    await connection.call(method, params, sessionId as string);
  const loaded = new Promise<void>((resolve) =>
    connection.on(({ method, sessionId: of, params }) => {
      if (of !== sessionId) return;
      if (method === 'Page.loadEventFired') resolve();
      if (method === 'Fetch.requestPaused') void answerPaused(call, params!, picture);
    }),
  );
  await call('Page.enable');
  await call('Fetch.enable', { patterns: [{ urlPattern: '*' }] });
  const { width, height, isPhone } = screen;
  await call('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 2, mobile: isPhone });
  await call('Page.navigate', { url });
  await loaded;
  return {
    evaluate: async (expression) => {
      const answer = await call('Runtime.evaluate', { expression, returnByValue: true, awaitPromise: true });
      if (answer['exceptionDetails']) throw new Error(JSON.stringify(answer['exceptionDetails']));
      return (answer['result'] as Parameters)['value'];
    },
    picture: async () => {
      const { data } = await call('Page.captureScreenshot', { captureBeyondViewport: true });
      return Buffer.from(data as string, 'base64');
    },
  };
}

/** Lets what this machine serves through, and answers the rest itself. */
async function answerPaused(
  call: (method: string, params: Parameters) => Promise<Parameters>,
  { requestId, request }: Parameters,
  picture: string,
): Promise<void> {
  const { url } = request as { url: string };
  if (new URL(url).hostname === '127.0.0.1' || url.startsWith('data:')) {
    await call('Fetch.continueRequest', { requestId });
    return;
  }
  await call('Fetch.fulfillRequest', {
    requestId,
    responseCode: 200,
    responseHeaders: [{ name: 'content-type', value: 'image/svg+xml' }],
    body: Buffer.from(picture).toString('base64'),
  });
}
