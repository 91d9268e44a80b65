import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { type CloudName, clouds } from '../auth/clouds.ts';
import type { Credential } from '../auth/credential.ts';
import { SluiceError } from '../errors/sluice-error.ts';
import { Secret } from '../runtime/secret.ts';

const url = z.url({ protocol: /^https?$/, error: 'must be an http or https URL' });
const filled = z.string().trim().min(1, 'must not be empty');

/**
 * The environment variables of a connection to one tenant. The one place where they are named; help and docs are
 * rendered from `description`.
 */
export const connectionVariables = {
  TEAMS_TENANT_ID: filled.describe('Directory (tenant) id of the app registration.'),
  TEAMS_CLIENT_ID: filled.describe('Application (client) id of the app registration.'),
  TEAMS_CLIENT_SECRET: filled.optional().describe('Client secret. Or give a certificate.'),
  TEAMS_CLIENT_CERTIFICATE: filled
    .optional()
    .describe('Path of a PEM file with the certificate and its private key, instead of a secret.'),
  TEAMS_CLOUD: z
    .enum(Object.keys(clouds) as CloudName[])
    .default('public')
    .describe('Which Microsoft cloud the tenant is in.'),
  TEAMS_GRAPH_URL: url
    .optional()
    .describe("Graph base URL with version, when it is not the cloud's own (a simulated tenant)."),
  TEAMS_LOGIN_URL: url.optional().describe("Login base URL, when it is not the cloud's own (a simulated tenant)."),
  TEAMS_MAX_RETRIES: z.coerce
    .number()
    .int()
    .min(0)
    .max(20)
    .default(6)
    .describe('Retries of one request after its first attempt.'),
  TEAMS_REQUEST_TIMEOUT_MS: z.coerce
    .number()
    .int()
    .min(100)
    .max(600_000)
    .default(30_000)
    .describe('Time limit of one request, milliseconds.'),
} as const;

/** How to reach one tenant. */
export interface Connection {
  readonly tenantId: string;
  readonly clientId: string;
  readonly credential: Credential;
  readonly cloud: CloudName;
  readonly graphUrl?: string;
  readonly loginUrl?: string;
  readonly maxRetries: number;
  readonly requestTimeoutMs: number;
}

/**
 * Reads a connection from environment variables.
 *
 * @throws SluiceError `config_invalid` naming every variable that is missing or wrong, never a value.
 */
export function connectionFromEnvironment(environment: Readonly<Record<string, string | undefined>>): Connection {
  const given = Object.fromEntries(
    Object.keys(connectionVariables).map((name) => [name, environment[name] || undefined]),
  );
  const parsed = z.object(connectionVariables).safeParse(given);
  if (!parsed.success) {
    const faults = parsed.error.issues.map(
      ({ path, message }) => `${path.join('.')} ${given[String(path[0])] === undefined ? 'is not set' : message}`,
    );
    throw invalid(faults);
  }
  const values = parsed.data;
  return {
    tenantId: values.TEAMS_TENANT_ID,
    clientId: values.TEAMS_CLIENT_ID,
    credential: credential(values),
    cloud: values.TEAMS_CLOUD,
    maxRetries: values.TEAMS_MAX_RETRIES,
    requestTimeoutMs: values.TEAMS_REQUEST_TIMEOUT_MS,
    ...(values.TEAMS_GRAPH_URL !== undefined && { graphUrl: values.TEAMS_GRAPH_URL.replace(/\/+$/, '') }),
    ...(values.TEAMS_LOGIN_URL !== undefined && { loginUrl: values.TEAMS_LOGIN_URL.replace(/\/+$/, '') }),
  };
}

function credential(values: {
  TEAMS_CLIENT_SECRET?: string | undefined;
  TEAMS_CLIENT_CERTIFICATE?: string | undefined;
}): Credential {
  const { TEAMS_CLIENT_SECRET: secret, TEAMS_CLIENT_CERTIFICATE: path } = values;
  if (path !== undefined) return certificate(path);
  if (secret !== undefined) return { kind: 'secret', secret: new Secret(secret) };
  throw invalid(['TEAMS_CLIENT_SECRET is not set (or TEAMS_CLIENT_CERTIFICATE)']);
}

function certificate(path: string): Credential {
  let pem: string;
  try {
    pem = readFileSync(path, 'utf8');
  } catch (cause) {
    throw invalid([`TEAMS_CLIENT_CERTIFICATE: ${path} cannot be read`], cause);
  }
  const certificates = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g);
  const key = /-----BEGIN (?:RSA |EC )?PRIVATE KEY-----[\s\S]+?-----END (?:RSA |EC )?PRIVATE KEY-----/.exec(pem);
  if (!certificates || !key)
    throw invalid([`TEAMS_CLIENT_CERTIFICATE: ${path} must hold a certificate and its private key, both PEM`]);
  return { kind: 'certificate', certificate: certificates.join('\n'), privateKey: new Secret(key[0]) };
}

function invalid(faults: readonly string[], cause?: unknown): SluiceError {
  return new SluiceError({
    code: 'config_invalid',
    recovery: 'user_action',
    surface: 'config',
    message: `The connection is not complete: ${faults.join('; ')}.`,
    hint: 'Without a tenant, start `sluice simulate` and use the variables it prints.',
    details: { faults: [...faults] },
    ...(cause !== undefined && { cause }),
  });
}
