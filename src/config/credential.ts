import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Credential } from '../auth/credential.ts';

const DAY_MS = 86_400_000;

/** A certificate is reported this long before it ends. */
export const CERTIFICATE_WARN_AHEAD_MS = 30 * DAY_MS;

const CERTIFICATES = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/** Certificate authorities of a PEM file. Undefined: it cannot be read, or holds none. */
export function readAuthorities(path: string): string | undefined {
  try {
    const certificates = readFileSync(path, 'utf8').match(CERTIFICATES);
    for (const certificate of certificates ?? []) new X509Certificate(certificate);
    return certificates?.join('\n');
  } catch {
    return undefined;
  }
}

/** When a certificate ends and in how many whole days, once it is time to warn; negative when it has ended. */
export function certificateWarning(
  credential: Credential | undefined,
  nowMs: number,
): { readonly expiresAt: string; readonly daysLeft: number } | undefined {
  if (credential?.kind !== 'certificate') return undefined;
  const endsAt = Date.parse(new X509Certificate(credential.certificate).validTo);
  if (endsAt - nowMs > CERTIFICATE_WARN_AHEAD_MS) return undefined;
  return { expiresAt: new Date(endsAt).toISOString(), daysLeft: Math.floor((endsAt - nowMs) / DAY_MS) };
}
