import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ContainerClient, StorageSharedKeyCredential } from '@azure/storage-blob';
import { Secret } from '../../src/runtime/secret.ts';
import { freePort } from './free-port.ts';
import type { RemotePlace } from './remote-place.ts';

const PROGRAM = fileURLToPath(new URL('../../node_modules/azurite/dist/src/blob/main.js', import.meta.url));

/** The account and the key that Azurite publishes. */
const ACCOUNT = 'devstoreaccount1';
const KEY = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

/** True where Azurite is installed. Says so when not; where it is required, that is an error. */
export function azuriteAvailable(): boolean {
  if (existsSync(PROGRAM)) return true;
  const message = 'Azurite is not installed: its tests are skipped (npm install brings it).';
  if (process.env['SLUICE_REQUIRE_AZURITE']) throw new Error(message);
  console.warn(message);
  return false;
}

export interface TestAzurite {
  readonly endpoint: string;
  readonly credential: StorageSharedKeyCredential;
  /** A new container. */
  place(): Promise<RemotePlace>;
  stop(): void;
}

/** Azurite of its own, in memory, on a free port. @param options.folder - keeps its blobs there instead of in memory */
export async function startAzurite(options: { readonly folder?: string } = {}): Promise<TestAzurite> {
  const port = await freePort();
  const { folder } = options;
  const keeps = folder === undefined ? ['--inMemoryPersistence'] : ['--location', folder];
  const args = ['--blobHost', '127.0.0.1', '--blobPort', String(port), ...keeps];
  const child = spawn(process.execPath, [PROGRAM, ...args, '--skipApiVersionCheck', '--disableTelemetry', '--silent'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const endpoint = `http://127.0.0.1:${port}/${ACCOUNT}`;
  await listening(child, endpoint);
  const credential = new StorageSharedKeyCredential(ACCOUNT, KEY);
  return {
    endpoint,
    credential,
    async place() {
      const container = `lake-${randomUUID()}`;
      await new ContainerClient(`${endpoint}/${container}`, credential).create();
      return {
        url: `az://${ACCOUNT}/${container}/lake`,
        settings: { azure_endpoint: endpoint, azure_account_key: new Secret(KEY) },
        env: { SLUICE_LAKE_AZURE_ENDPOINT: endpoint, AZURE_STORAGE_KEY: KEY },
        others: {
          url: `az://${container}/lake`,
          options: { account_name: ACCOUNT, account_key: KEY, azure_endpoint: endpoint, allow_http: 'true' },
        },
      };
    },
    stop: () => void child.kill('SIGKILL'),
  };
}

async function listening(child: ChildProcess, url: string): Promise<void> {
  let log = '';
  child.stderr!.on('data', (chunk) => {
    log += chunk;
  });
  while (!(await fetch(url).catch(() => undefined))) {
    if (child.exitCode !== null) throw new Error(`Azurite ended with ${child.exitCode}: ${log}`);
    await delay(50);
  }
}
