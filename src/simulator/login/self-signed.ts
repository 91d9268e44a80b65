import { createHash, generateKeyPairSync, sign } from 'node:crypto';

/** A key and the certificate that names itself as its issuer. */
export interface SelfSigned {
  readonly privateKeyPem: string;
  readonly certificatePem: string;
  /** SHA-256 of the DER certificate, lower-case hex: what MSAL calls `thumbprintSha256`. */
  readonly thumbprintSha256: string;
}

const tag = { integer: 0x02, bits: 0x03, octets: 0x04, oid: 0x06, utf8: 0x0c, time: 0x18, sequence: 0x30, set: 0x31 };
const sha256WithRsa = Buffer.from('06092a864886f70d01010b0500', 'hex');
const oid = {
  commonName: Buffer.from('550403', 'hex'),
  subjectAltName: Buffer.from('551d11', 'hex'),
  basicConstraints: Buffer.from('551d13', 'hex'),
};

/** One DER element: tag, length, content (X.690, 8.1). */
function der(tagByte: number, ...contents: Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.from([tagByte, length]), content]);
  const bytes = length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tagByte, ...bytes]), content]);
}

const time = (ms: number) =>
  der(tag.time, Buffer.from(`${new Date(ms).toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`));

const extension = (id: Buffer, value: Buffer) => der(tag.sequence, der(tag.oid, id), der(tag.octets, value));

function altName(host: string): Buffer {
  const address = host.split('.').map(Number);
  const isAddress = address.length === 4 && address.every((part) => Number.isInteger(part));
  return isAddress ? der(0x87, Buffer.from(address)) : der(0x82, Buffer.from(host));
}

/**
 * Makes an RSA key and a self-signed X.509 v3 certificate for it, with no other program.
 *
 * @param options.hosts - DNS names and IPv4 addresses the certificate is good for
 * @param options.nowMs - start of its life; it lasts ten years from there
 * @see https://www.rfc-editor.org/rfc/rfc5280#section-4.1
 */
export function selfSigned(options: { commonName: string; hosts: readonly string[]; nowMs: number }): SelfSigned {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const name = der(
    tag.sequence,
    der(tag.set, der(tag.sequence, der(tag.oid, oid.commonName), der(tag.utf8, Buffer.from(options.commonName)))),
  );
  const dayMs = 86_400_000;
  const algorithm = der(tag.sequence, sha256WithRsa);
  const serial = createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest()
    .subarray(0, 8);
  serial[0] = (serial[0]! & 0x7f) | 0x01;
  const body = der(
    tag.sequence,
    der(0xa0, der(tag.integer, Buffer.from([2]))),
    der(tag.integer, serial),
    algorithm,
    name,
    der(tag.sequence, time(options.nowMs - dayMs), time(options.nowMs + 3650 * dayMs)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(
      0xa3,
      der(
        tag.sequence,
        extension(oid.basicConstraints, der(tag.sequence, Buffer.from('0101ff', 'hex'))),
        extension(oid.subjectAltName, der(tag.sequence, ...options.hosts.map(altName))),
      ),
    ),
  );
  const signature = sign('sha256', body, privateKey);
  const certificate = der(tag.sequence, body, algorithm, der(tag.bits, Buffer.from([0]), signature));
  return {
    privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    certificatePem: pem(certificate),
    thumbprintSha256: createHash('sha256').update(certificate).digest('hex'),
  };
}

function pem(certificate: Buffer): string {
  const lines = certificate.toString('base64').match(/.{1,64}/g)!;
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
