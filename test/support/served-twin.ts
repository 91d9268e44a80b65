import { serveTwin } from '../../src/simulator/serve.ts';
import { generateTenant } from '../../src/simulator/tenant/generator.ts';
import { createTwin, type Twin, type TwinOptions } from '../../src/simulator/twin.ts';
import { BEGIN_MS, fastRuntime } from './fast-runtime.ts';

export interface TestAnswer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests read answers as they come
  body: any;
}

export interface TestTwin extends AsyncDisposable {
  twin: Twin;
  url: string;
  /** A first team and its first channel, as paths. */
  team: string;
  channel: string;
  token(): Promise<string>;
  /** @param path - below `/v1.0`, or a whole link */
  get(path: string, headers?: Record<string, string>): Promise<TestAnswer>;
  batch(requests: readonly unknown[]): Promise<TestAnswer>;
  control(method: string, path: string, body?: unknown): Promise<TestAnswer>;
}

type SmallTenant = Partial<Parameters<typeof generateTenant>[0]>;

export function smallTenant(size: SmallTenant = {}) {
  return generateTenant({ teams: 2, channels: 3, messages: 60, users: 12, seed: 7, nowMs: BEGIN_MS, ...size });
}

/** Resolves once `done` holds. */
export async function until(done: () => boolean): Promise<void> {
  while (!done()) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** A twin over real HTTP with full pages, and a client that holds a token. */
export async function servedTwin(options: Partial<TwinOptions> = {}): Promise<TestTwin> {
  const tenant = options.tenant ?? smallTenant();
  const behaviour = { shortPages: 0, ...options.behaviour };
  const twin = createTwin({ limits: 'none', runtime: fastRuntime(1), ...options, behaviour, tenant });
  const server = await serveTwin({ twin });
  const env = twin.env(server.url);
  const team = `/teams/${tenant.teams()[0]!.id}`;
  let known: string | undefined;

  const token = async () => {
    const answer = await fetch(`${server.url}/${tenant.id}/oauth2/v2.0/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: env['TEAMS_CLIENT_ID']!,
        client_secret: env['TEAMS_CLIENT_SECRET']!,
        scope: 'https://graph.microsoft.com/.default',
      }),
    });
    return ((await answer.json()) as { access_token: string }).access_token;
  };
  const call = async (url: string, init: RequestInit): Promise<TestAnswer> => {
    const answer = await fetch(url, init);
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, body: text === '' ? undefined : JSON.parse(text) };
  };
  const authorized = async (headers: Record<string, string> = {}) => {
    known ??= await token();
    return { authorization: `Bearer ${known}`, ...headers };
  };

  return {
    twin,
    url: server.url,
    team,
    channel: `${team}/channels/${encodeURIComponent(tenant.channels(tenant.teams()[0]!.id)[0]!.id)}`,
    token: async () => {
      known = await token();
      return known;
    },
    get: async (path, headers) =>
      call(path.startsWith('http') ? path : `${server.url}/v1.0${path}`, { headers: await authorized(headers) }),
    batch: async (requests) =>
      call(`${server.url}/v1.0/$batch`, {
        method: 'POST',
        headers: await authorized({ 'content-type': 'application/json' }),
        body: JSON.stringify({ requests }),
      }),
    control: (method, path, body) =>
      call(`${server.url}/_twin${path}`, {
        method,
        ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      }),
    [Symbol.asyncDispose]: () => server.close(),
  };
}

/** Every row of a list, and the pages it came in. */
// biome-ignore lint/suspicious/noExplicitAny: tests read answers as they come
export async function readAll(twin: TestTwin, path: string): Promise<{ rows: any[]; pages: any[] }> {
  const pages = [];
  for (let next: string | undefined = path; next !== undefined; next = pages.at(-1)['@odata.nextLink']) {
    const { status, body } = await twin.get(next);
    if (status !== 200) throw new Error(JSON.stringify(body));
    pages.push(body);
  }
  return { rows: pages.flatMap((page) => page.value), pages };
}
