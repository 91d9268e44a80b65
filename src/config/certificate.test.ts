import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Secret } from '../runtime/secret.ts';
import { readCertificate } from './certificate.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-certificates-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string) => join(folder, name);
const openssl = (...args: string[]) => void execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
const text = (name: string) => readFileSync(at(name), 'utf8');
const joined = (name: string, ...parts: string[]) => writeFileSync(at(name), parts.map(text).join(''));

/** A chain as a company has it: an authority, a leaf signed by it, and the forms that OpenSSL and Azure give it. */
beforeAll(() => {
  openssl(
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    'ca.key',
    '-out',
    'ca.crt',
    '-subj',
    '/CN=authority',
    '-days',
    '2',
  );
  openssl('req', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'leaf.key', '-out', 'leaf.csr', '-subj', '/CN=leaf');
  openssl(
    'x509',
    '-req',
    '-in',
    'leaf.csr',
    '-CA',
    'ca.crt',
    '-CAkey',
    'ca.key',
    '-CAcreateserial',
    '-out',
    'leaf.crt',
    '-days',
    '2',
  );
  openssl('pkcs8', '-topk8', '-in', 'leaf.key', '-out', 'pkcs8-encrypted.key', '-passout', 'pass:canary');
  openssl('rsa', '-in', 'leaf.key', '-out', 'old.key', '-traditional');
  openssl('rsa', '-in', 'leaf.key', '-out', 'old-encrypted.key', '-traditional', '-aes256', '-passout', 'pass:canary');
  openssl(
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-keyout',
    'ec.key',
    '-out',
    'ec.crt',
    '-subj',
    '/CN=ec',
    '-days',
    '2',
  );
  const chain = ['pkcs12', '-export', '-inkey', 'leaf.key', '-in', 'leaf.crt', '-certfile', 'ca.crt'];
  openssl(...chain, '-out', 'modern.pfx', '-passout', 'pass:canary');
  openssl(...chain, '-out', 'vault.pfx', '-passout', 'pass:');
  openssl(
    ...chain,
    '-out',
    'old.pfx',
    '-passout',
    'pass:canary',
    '-keypbe',
    'PBE-SHA1-3DES',
    '-certpbe',
    'PBE-SHA1-3DES',
    '-macalg',
    'sha1',
  );
  openssl('pkcs12', '-export', '-inkey', 'ec.key', '-in', 'ec.crt', '-out', 'ec.pfx', '-passout', 'pass:canary');
  openssl('pkcs12', '-in', 'modern.pfx', '-passin', 'pass:canary', '-nodes', '-out', 'bag-attributes.pem');
  writeFileSync(at('vault.txt'), `${readFileSync(at('vault.pfx')).toString('base64')}\n`);
  joined('leaf-first.pem', 'leaf.crt', 'ca.crt', 'leaf.key');
  joined('key-first.pem', 'leaf.key', 'ca.crt', 'leaf.crt');
  joined('traditional.pem', 'ca.crt', 'old.key', 'leaf.crt');
  joined('encrypted.pem', 'pkcs8-encrypted.key', 'ca.crt', 'leaf.crt');
  joined('old-encrypted.pem', 'leaf.crt', 'old-encrypted.key');
  joined('ec.pem', 'ec.key', 'ec.crt');
  joined('other-key.pem', 'ca.key', 'leaf.crt');
  joined('no-key.pem', 'leaf.crt');
  joined('no-certificate.pem', 'leaf.key');
  writeFileSync(at('crlf.pem'), text('key-first.pem').replaceAll('\n', '\r\n'));
  writeFileSync(
    at('powershell.pem'),
    Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text('key-first.pem'), 'utf16le')]),
  );
  writeFileSync(at('damaged.pem'), text('key-first.pem').replace(/\n[A-Za-z0-9+/]{40}/, '\n!'));
  writeFileSync(at('nothing.pem'), 'nothing at all');
});

const read = (name: string, password?: string) =>
  readCertificate(at(name), password === undefined ? undefined : new Secret(password));

describe('a certificate file', () => {
  it.each([
    ['leaf-first.pem', undefined],
    ['key-first.pem', undefined],
    ['traditional.pem', undefined],
    ['bag-attributes.pem', undefined],
    ['crlf.pem', undefined],
    ['powershell.pem', undefined],
    ['key-first.pem', 'not needed'],
    ['encrypted.pem', 'canary'],
    ['old-encrypted.pem', 'canary'],
    ['modern.pfx', 'canary'],
    ['old.pfx', 'canary'],
    ['vault.pfx', undefined],
    ['vault.txt', undefined],
  ])('%s gives the key and, first, the certificate that belongs to it (password %s)', (name, password) => {
    const credential = read(name, password);
    if ('problem' in credential) throw new Error(credential.problem);
    expect(new X509Certificate(credential.certificate).fingerprint256).toBe(
      new X509Certificate(text('leaf.crt')).fingerprint256,
    );
    expect(credential.privateKey.reveal()).toContain('-----BEGIN PRIVATE KEY-----');
    expect(credential.certificate.match(/BEGIN CERTIFICATE/g)!.length).toBe(name === 'old-encrypted.pem' ? 1 : 2);
  });

  it.each([
    ['none.pem', undefined, /cannot be read/],
    ['nothing.pem', undefined, /neither PEM nor PKCS #12/],
    ['no-key.pem', undefined, /no private key/],
    ['no-certificate.pem', undefined, /no certificate/],
    ['other-key.pem', undefined, /none of its 1 certificate\(s\) belongs to its private key/],
    ['damaged.pem', undefined, /damaged/],
    ['encrypted.pem', undefined, /encrypted.*certificate_password/],
    ['encrypted.pem', 'wrong', /does not open.*certificate_password/],
    ['old-encrypted.pem', 'wrong', /does not open/],
    ['modern.pfx', undefined, /without a password.*certificate_password/],
    ['modern.pfx', 'wrong', /does not open/],
    ['ec.pem', undefined, /kind "ec".*RSA keys only/],
    ['ec.pfx', 'canary', /kind "ec".*RSA keys only/],
  ])('%s (password %s) is refused with what to do', (name, password, problem) => {
    const found = read(name, password);
    expect(found).toEqual({ problem: expect.stringMatching(problem) });
    expect(JSON.stringify(found)).not.toMatch(/canary|BEGIN/);
  });
});
