import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from './free-port.ts';

/** Debian's name of the program. */
const PROGRAM = 'prometheus-alertmanager';

/** True where Alertmanager is installed. Says so when not; where it is required, that is an error. */
export function alertmanagerAvailable(): boolean {
  if (spawnSync(PROGRAM, ['--version']).status === 0) return true;
  const message = 'Alertmanager is not installed: its scenario is skipped (scripts/ci-alertmanager.sh installs it).';
  if (process.env['SLUICE_REQUIRE_ALERTMANAGER']) throw new Error(message);
  console.warn(message);
  return false;
}

/** An alert as Prometheus would post it; without `endsAt` it fires. */
export interface PostedAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly endsAt?: string;
}

/** A real Alertmanager of its own, on a free port of this machine. */
export interface TestAlertmanager extends AsyncDisposable {
  readonly url: string;
  post(alerts: readonly PostedAlert[]): Promise<void>;
  /** Silences the alerts that have the label, for an hour. @returns the id of the silence */
  silence(name: string, value: string): Promise<string>;
  expireSilence(id: string): Promise<void>;
  /** Takes another configuration without a restart. */
  reload(config: string): Promise<void>;
  /** Ends it as an operator does, and starts it with what it has stored. */
  restart(): Promise<void>;
}

/** @param config - text of `alertmanager.yml` */
export async function startAlertmanager(config: string): Promise<TestAlertmanager> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-alertmanager-'));
  const file = join(folder, 'alertmanager.yml');
  await writeFile(file, config);
  const url = `http://127.0.0.1:${await freePort()}`;
  const call = async (method: string, path: string, body?: unknown) => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${url}${path}`, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`Alertmanager: ${answer.status} ${text}`);
    return text;
  };
  let child = await started(url, { folder, file });
  return {
    url,
    post: async (alerts) => {
      await call('POST', '/api/v2/alerts', alerts);
    },
    silence: async (name, value) => {
      const now = Date.now();
      const answer = await call('POST', '/api/v2/silences', {
        matchers: [{ name, value, isRegex: false, isEqual: true }],
        startsAt: new Date(now).toISOString(),
        endsAt: new Date(now + HOUR_MS).toISOString(),
        createdBy: 'ann',
        comment: 'known',
      });
      return (JSON.parse(answer) as { silenceID: string }).silenceID;
    },
    expireSilence: async (id) => {
      await call('DELETE', `/api/v2/silence/${id}`);
    },
    reload: async (next) => {
      await writeFile(file, next);
      await call('POST', '/-/reload');
    },
    restart: async () => {
      await ended(child, 'SIGTERM');
      child = await started(url, { folder, file });
    },
    [Symbol.asyncDispose]: async () => {
      await ended(child, 'SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const HOUR_MS = 3_600_000;

async function started(url: string, { folder, file }: { folder: string; file: string }): Promise<ChildProcess> {
  const child = spawn(
    PROGRAM,
    [
      `--config.file=${file}`,
      `--storage.path=${join(folder, 'data')}`,
      `--web.listen-address=${new URL(url).host}`,
      '--cluster.listen-address=',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let log = '';
  child.stderr.on('data', (chunk) => (log += chunk));
  while (!(await isReady(url))) {
    if (child.exitCode !== null) throw new Error(`Alertmanager ended with ${child.exitCode}: ${log}`);
    await delay(50);
  }
  return child;
}

const isReady = async (url: string) => {
  const answer = await fetch(`${url}/-/ready`).catch(() => undefined);
  return answer?.ok ?? false;
};

async function ended(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  await gone;
}
