import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SimulateOptions } from '../options.ts';
import type { Twin } from '../twin.ts';
import { identityEnv } from './identity-endpoint.ts';

/** Half of a federated token's life: as Kubernetes does, it is replaced long before it ends. */
const REPLACED_AFTER_MS = 1_800_000;
const PRIVATE = { mode: 0o600 };

/**
 * Settings with which Sluice signs in to a twin by one kind of credential, and the files they name.
 *
 * @param options.folder - of its own, for those files
 * @param signal - ends the replacing of the federated token
 */
export async function credentialEnv(
  options: {
    readonly kind: SimulateOptions['credential'];
    readonly twin: Twin;
    readonly url: string;
    readonly folder: string;
    /** Key and certificate of the app, PEM. */
    readonly pem: string;
  },
  signal: AbortSignal,
): Promise<Record<string, string>> {
  const { kind, twin, url, folder } = options;
  const { TEAMS_CLIENT_SECRET: secret = '', ...others } = twin.env(url);
  switch (kind) {
    case 'secret':
      return { ...others, TEAMS_CLIENT_SECRET: secret };
    case 'managed':
      return { ...others, ...identityEnv(twin.app, url) };
    case 'certificate': {
      const path = join(folder, 'client.pem');
      await writeFile(path, options.pem, PRIVATE);
      return { ...others, TEAMS_CLIENT_CERTIFICATE: path };
    }
    case 'federated': {
      const path = join(folder, 'federated-token');
      await writeFile(path, await twin.foreign.issue(), PRIVATE);
      void replace(path, twin, signal);
      return { ...others, TEAMS_FEDERATED_TOKEN_FILE: path };
    }
  }
}

async function replace(path: string, { foreign, runtime }: Twin, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await runtime.sleep(REPLACED_AFTER_MS, signal).catch(() => {});
    if (!signal.aborted) await writeFile(path, await foreign.issue(), PRIVATE).catch(() => {});
  }
}
