import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { withConnection } from '../../src/cli/connect.ts';
import type { GraphClient } from '../../src/graph/types.ts';
import { openLake } from '../../src/lake/lake.ts';
import { fileStore } from '../../src/lake/stores/file.ts';
import { type Simulator, startSimulator } from '../../src/simulator/start-simulator.ts';
import { sync } from '../../src/sync/run.ts';
import { tables } from '../../src/tables/index.generated.ts';
import { withFolder } from '../support/lake.ts';
import { selfSigned } from '../support/self-signed.ts';

vi.setConfig({ testTimeout: 120_000 });

const tenant = { teams: 2, channels: 1, messages: 5, users: 3, limits: 'none' } as const;

/** How an administrator replaces what the app proves itself with: at the service, and in the file that Sluice reads. */
interface Kind {
  readonly credential: 'secret' | 'certificate';
  /** The file, and what of the configuration names it. */
  readonly file: string;
  readonly config: string;
  replacement(): { readonly text: string; readonly told: Readonly<Record<string, string>> };
}

const kinds: readonly Kind[] = [
  {
    credential: 'secret',
    file: 'secret.txt',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a reference of the configuration
    config: 'auth: { client_secret: "${file:secret.txt}" }',
    replacement: () => ({ text: 'another-secret', told: { secret: 'another-secret' } }),
  },
  {
    credential: 'certificate',
    file: 'app.pem',
    config: 'auth: { certificate: app.pem }',
    replacement: () => {
      const { privateKey, certificate } = selfSigned();
      return { text: `${privateKey}\n${certificate}`, told: { certificate } };
    },
  },
];

const post = (simulator: Simulator, path: string, body: unknown) =>
  fetch(`${simulator.url}/_twin/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

it.each(kinds)('a $credential that is replaced while a sync runs is taken when its token ends', async (kind) => {
  const simulator = await startSimulator({ ...tenant, credential: kind.credential });
  try {
    await withFolder(async (folder) => {
      const { TEAMS_CLIENT_SECRET: secret, TEAMS_CLIENT_CERTIFICATE: certificate, ...environment } = simulator.env;
      const path = join(folder, kind.file);
      const before = secret ?? (await readFile(certificate!, 'utf8'));
      await writeFile(path, before, { mode: 0o600 });
      const file = join(folder, 'sluice.yaml');
      await writeFile(file, `${kind.config}\n`);
      const replace = async () => {
        const { text, told } = kind.replacement();
        expect((await post(simulator, 'credential', told)).status).toBe(204);
        await writeFile(path, text);
        await post(simulator, 'faults', { kind: 'token-expired', nth: [1], service: 'graph' });
      };
      let pages = 0;
      const report = await withConnection({ file, environment, limits: 'none' }, async ({ graph, runtime }) => {
        const replaced: GraphClient = {
          get stats() {
            return graph.stats;
          },
          page: async (...args) => {
            pages += 1;
            if (pages === 4) await replace();
            return graph.page(...args);
          },
          file: (...args) => graph.file(...args),
          permissions: (signal) => graph.permissions(signal),
          close: () => graph.close(),
        };
        await using lake = await openLake({
          store: fileStore(join(folder, 'lake')),
          tables,
          runtime,
          scratchDir: join(folder, 'scratch'),
        });
        const chosen = tables.filter(({ name }) => ['teams', 'channels', 'members', 'messages'].includes(name));
        return await sync({ graph: replaced, lake, tables: chosen, runtime }, new AbortController().signal);
      });
      expect(report.error).toBeUndefined();
      expect(report).toMatchObject({ outcome: 'ok', skipped: [] });
      expect(pages).toBeGreaterThan(4);
    });
  } finally {
    await simulator.close();
  }
});
