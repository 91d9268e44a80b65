import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { selfSigned } from './self-signed.ts';

const nowMs = Date.parse('2026-08-01T12:00:00Z');
const made = selfSigned({ commonName: 'Sluice twin', hosts: ['localhost', '127.0.0.1'], nowMs });
const certificate = new X509Certificate(made.certificatePem);

describe('a certificate made in Node alone', () => {
  it('is signed by its own key', () => {
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.checkPrivateKey(createPrivateKey(made.privateKeyPem))).toBe(true);
    expect(certificate.checkIssued(certificate)).toBe(true);
  });

  it('names its hosts and nothing else', () => {
    expect(certificate.checkHost('localhost')).toBe('localhost');
    expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(certificate.checkHost('elsewhere.example')).toBeUndefined();
  });

  it('may sign as an authority and lives from the day before for ten years', () => {
    expect(certificate.ca).toBe(true);
    expect(Date.parse(certificate.validFrom)).toBe(Date.parse('2026-07-31T12:00:00Z'));
    expect(Date.parse(certificate.validTo)).toBeGreaterThan(Date.parse('2036-07-01T00:00:00Z'));
  });

  it('tells its thumbprint', () => {
    expect(made.thumbprintSha256).toBe(createHash('sha256').update(certificate.raw).digest('hex'));
  });
});
