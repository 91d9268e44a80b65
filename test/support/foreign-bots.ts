import { type ChildProcess, fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Bots of other SDKs that tests and benchmarks talk to: `test/interop/bots/`. */
export const foreignBots = ['teams.apps', 'agents-hosting', 'botbuilder'] as const;
export type ForeignBot = (typeof foreignBots)[number];

const pathOf = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/** Where they are installed. Says so when they are not; where they are required, that is an error. */
export function foreignBotsFolder(): string | undefined {
  const found = spawnSync('sh', [pathOf('../../scripts/ci-bots.sh'), '--folder'], { encoding: 'utf8' });
  if (found.status === 0) return found.stdout.trim();
  const message = 'Bots of other SDKs are not installed: they are left out (scripts/ci-bots.sh installs them).';
  if (process.env['SLUICE_REQUIRE_BOTS']) throw new Error(message);
  console.warn(message);
  return undefined;
}

/** One of them at work, in a process of its own. */
export interface RunningForeignBot extends AsyncDisposable {
  /** Where it takes activities. */
  readonly url: string;
  /** False: its process has ended by itself. */
  readonly isRunning: () => boolean;
  /** CPU that its process has used, in microseconds. */
  cpuMicros(): Promise<number>;
}

/** @param options.cloudUrl - what stands in for Microsoft's sign-in and keys */
export async function startForeignBot(
  name: ForeignBot,
  folder: string,
  options: {
    readonly appId: string;
    readonly secret: string;
    readonly tenantId: string;
    readonly cloudUrl: string;
    /** It takes messages and says nothing. */
    readonly isQuiet?: boolean | undefined;
  },
): Promise<RunningForeignBot> {
  const child: ChildProcess = fork(pathOf('../interop/bots/peer.cjs'), [name, folder], {
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      NODE_ENV: 'production',
      CLIENT_ID: options.appId,
      CLIENT_SECRET: options.secret,
      TENANT_ID: options.tenantId,
      CLOUD_URL: options.cloudUrl,
      IS_QUIET: options.isQuiet ? '1' : '0',
    },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    execArgv: [],
  });
  const ended = once(child, 'exit');
  const told = async <Told>(): Promise<Told> => {
    const [message] = (await Promise.race([
      once(child, 'message'),
      ended.then(() => {
        throw new Error(`The bot of ${name} ended by itself.`);
      }),
    ])) as [Told];
    return message;
  };
  const { port } = await told<{ port: number }>();
  return {
    url: `http://127.0.0.1:${port}/api/messages`,
    isRunning: () => child.exitCode === null && child.signalCode === null,
    cpuMicros: async () => {
      child.send('cpu');
      const { cpu } = await told<{ cpu: NodeJS.CpuUsage }>();
      return cpu.user + cpu.system;
    },
    [Symbol.asyncDispose]: async () => {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}
