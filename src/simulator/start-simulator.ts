import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Runtime, systemRuntime } from '../runtime/runtime.ts';
import { botService } from './bot/bot-service.ts';
import { introduceBot } from './bot/introduce.ts';
import { readPermissions } from './collections/index.ts';
import { parseInput } from './control/parse-input.ts';
import { recordedBehaviour } from './graph/behaviour.ts';
import type { LimitOptions } from './limits/meter.ts';
import { credentialEnv } from './login/credential-env.ts';
import { selfSigned } from './login/self-signed.ts';
import { type SimulateInput, type SimulateOptions, simulateOptions } from './options.ts';
import { serveTwin } from './serve.ts';
import { generateTenant } from './tenant/generator.ts';
import { loadTenant } from './tenant/load.ts';
import { createTwin } from './twin.ts';
import { type WebhookServiceOptions, webhookService } from './webhooks/webhook-routes.ts';

/** A simulator that listens. As JSON it is the first line that `sluice simulate --json` prints. */
export interface Simulator {
  readonly event: 'listening';
  readonly url: string;
  /** Webhooks that post into the simulated channels. */
  readonly webhooks: readonly string[];
  /** Settings with which Sluice reads this tenant and sends to it, and to no other private host. */
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

export interface StartOptions extends Pick<WebhookServiceOptions, 'renderCard' | 'renderPage'> {
  readonly runtime?: Runtime | undefined;
}

/**
 * Makes or loads a tenant and serves it.
 *
 * @throws SluiceError `twin_input_invalid` naming the option, `port_unavailable`, or what the loader refuses
 */
export async function startSimulator(
  input: SimulateInput,
  { runtime = systemRuntime, ...drawing }: StartOptions = {},
  signal?: AbortSignal,
): Promise<Simulator> {
  const isPast = ({ since }: SimulateOptions) => since === undefined || since < runtime.now();
  const schema = simulateOptions.refine(isPast, { path: ['since'], message: 'must be in the past' });
  const options = parseInput(schema, input, 'simulate');
  const { seed } = options;
  const tenant =
    options.tenant === undefined
      ? generateTenant({ ...options, nowMs: runtime.now() })
      : await loadTenant(options.tenant, { seed });
  const nowMs = runtime.now();
  const client =
    options.credential === 'certificate' ? selfSigned({ commonName: 'Sluice', hosts: [], nowMs }) : undefined;
  const twin = createTwin({
    tenant,
    runtime,
    limits: limitsOf(options),
    behaviour: options.profile === 'recorded' ? { seed, ...recordedBehaviour } : { seed },
    app: { certificatePem: client?.certificatePem, permissions: options.permissions ?? readPermissions },
    botUrl: options.bot,
    ...drawing,
  });
  const folder = await mkdtemp(join(tmpdir(), 'sluice-twin-'));
  const https = options.https ? await makeCertificate(folder, nowMs) : undefined;
  const server = await serveTwin({ twin, port: options.port, https }, signal);
  const { url } = server;
  const closing = new AbortController();
  const pem = client ? `${client.privateKeyPem}\n${client.certificatePem}` : '';
  if (options.bot !== undefined) {
    // Ends with the simulator, whether the bot came or not.
    introduceBot(twin.service(botService), { url, runtime }, closing.signal).catch(() => {});
  }
  const env = await credentialEnv({ kind: options.credential, twin, url, folder, pem }, closing.signal);
  return {
    event: 'listening',
    url,
    webhooks: twin.service(webhookService).urls(url),
    env: https ? { ...env, NODE_EXTRA_CA_CERTS: https.path } : env,
    close: async () => {
      closing.abort();
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** `--strict 4`: a quarter of the published rates, and half of the 429s without Retry-After. */
function limitsOf({ limits, strict }: SimulateOptions): 'published' | 'none' | LimitOptions {
  return limits === 'none' || strict === undefined ? limits : { factor: 1 / strict, retryAfterShare: 0.5 };
}

/** The certificate also goes into a file, because Node takes further authorities only by path. */
async function makeCertificate(folder: string, nowMs: number) {
  const hosts = ['localhost', '127.0.0.1'];
  const { privateKeyPem, certificatePem } = selfSigned({ commonName: 'Sluice twin', hosts, nowMs });
  const path = join(folder, 'ca.pem');
  await writeFile(path, certificatePem);
  return { key: privateKeyPem, cert: certificatePem, path };
}
