import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { selfSigned } from '../simulator/login/self-signed.ts';
import { readCertificate } from './certificate.ts';
import { certificateWarning } from './credential.ts';

const DAY_MS = 86_400_000;
const folder = mkdtempSync(join(tmpdir(), 'sluice-certificate-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const nowMs = Date.UTC(2026, 0, 1);
const { certificatePem, privateKeyPem } = selfSigned({ commonName: 'sluice', hosts: ['localhost'], nowMs });

function written(text: string) {
  const path = join(folder, 'app.pem');
  writeFileSync(path, text);
  const credential = readCertificate(path);
  if ('problem' in credential) throw new Error(credential.problem);
  return credential;
}

it('warns from 30 days ahead', () => {
  const credential = written(certificatePem + privateKeyPem);
  const { expiresAt } = certificateWarning(credential, Number.MAX_SAFE_INTEGER)!;
  const endsAt = Date.parse(expiresAt);
  expect(certificateWarning(credential, endsAt - 30 * DAY_MS - 1)).toBeUndefined();
  expect(certificateWarning(credential, endsAt - 30 * DAY_MS)).toEqual({ expiresAt, daysLeft: 30 });
  expect(certificateWarning(credential, endsAt + 1)!.daysLeft).toBe(-1);
  expect(certificateWarning(undefined, endsAt)).toBeUndefined();
});
