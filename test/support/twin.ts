import { startSimulator } from '../../src/simulator/start-simulator.ts';

export type Environment = Readonly<Record<string, string>>;

/** A simulated tenant over real HTTP, and its control interface. */
export interface TestTwin {
  readonly url: string;
  readonly env: Environment;
  post(path: string, body: unknown): Promise<void>;
  delete(path: string): Promise<void>;
  get<T>(path: string): Promise<T>;
  /** The truth now, one row per primary key. */
  ledger(table: string): Promise<Record<string, string | number | null>[]>;
  close(): Promise<void>;
}

/** Answers are regular, so that requests can be counted; `profile: 'recorded'` is what `sluice simulate` serves. */
export async function startTwin(
  options: Parameters<typeof startSimulator>[0],
  runtime?: Parameters<typeof startSimulator>[1],
): Promise<TestTwin> {
  const simulator = await startSimulator({ profile: 'regular', ...options }, runtime);
  return { ...controlOf(simulator.url), url: simulator.url, env: simulator.env, close: () => simulator.close() };
}

/** The control interface of a twin that listens at `url`. */
export function controlOf(url: string): Pick<TestTwin, 'post' | 'delete' | 'get' | 'ledger'> {
  const request = async (path: string, init?: RequestInit) => {
    const answer = await fetch(`${url}/_twin${path}`, init);
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer;
  };
  return {
    post: async (path, body) => {
      await request(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    },
    delete: async (path) => {
      await request(path, { method: 'DELETE' });
    },
    get: async <T>(path: string) => (await request(path)).json() as Promise<T>,
    ledger: async (table) => {
      const lines = (await (await request(`/ledger?table=${table}`)).text()).split('\n').filter((line) => line !== '');
      return lines.map((line) => JSON.parse(line));
    },
  };
}
