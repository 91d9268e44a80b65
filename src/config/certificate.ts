import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type Forge from 'node-forge';
import type { ClientCertificate } from '../auth/credential.ts';
import { Secret } from '../runtime/secret.ts';

/** What a certificate file holds: keys and certificates in any order. */
interface Contents {
  readonly key: KeyObject;
  readonly certificates: readonly X509Certificate[];
}

type Found<T> = T | { readonly problem: string };

const PASSWORD = 'auth.certificate_password (TEAMS_CLIENT_CERTIFICATE_PASSWORD)';

/**
 * Reads a certificate and its private key from one file: PEM as OpenSSL and Azure write it, with the certificates of a
 * chain in any order, the key plain or encrypted; or PKCS #12 (`.pfx`, `.p12`), also as the base64 text of a Key Vault
 * secret. The certificate that belongs to the key is the one that is used. A problem names the file, never what is in it.
 *
 * @param password - of an encrypted key or a PKCS #12 file
 * @see https://learn.microsoft.com/en-us/entra/identity-platform/certificate-credentials (RSA: PS256 or RS256)
 */
export function readCertificate(path: string, password?: Secret | undefined): Found<ClientCertificate> {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch {
    return { problem: `The file ${path} cannot be read.` };
  }
  const text = textOf(bytes);
  const contents = text.includes('-----BEGIN ') ? fromPem(text, password) : fromPkcs12(bytes, text, password);
  if ('problem' in contents) return { problem: `${path}: ${contents.problem}` };
  const credential = credentialOf(contents);
  return 'problem' in credential ? { problem: `${path}: ${credential.problem}` } : credential;
}

function credentialOf({ key, certificates }: Contents): Found<ClientCertificate> {
  if (key.asymmetricKeyType !== 'rsa') {
    return { problem: `the private key is of the kind "${key.asymmetricKeyType}"; Entra ID takes RSA keys only.` };
  }
  const leaf = certificates.find((certificate) => certificate.checkPrivateKey(key));
  if (!leaf) {
    return {
      problem: `none of its ${certificates.length} certificate(s) belongs to its private key. Put the right pair into one file.`,
    };
  }
  const chain = [leaf, ...certificates.filter((certificate) => certificate !== leaf)];
  return {
    kind: 'certificate',
    certificate: chain.map((certificate) => certificate.toString().trim()).join('\n'),
    privateKey: new Secret(key.export({ type: 'pkcs8', format: 'pem' }).toString()),
  };
}

const CERTIFICATES =
  /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[\s\S]+?-----END (?:TRUSTED |X509 )?CERTIFICATE-----/g;
const PRIVATE_KEY = /-----BEGIN (?:\w+ )?PRIVATE KEY-----[\s\S]+?-----END (?:\w+ )?PRIVATE KEY-----/;

function fromPem(text: string, password: Secret | undefined): Found<Contents> {
  const [written] = PRIVATE_KEY.exec(text) ?? [];
  if (written === undefined) return { problem: 'it holds no private key. Put certificate and key into one file.' };
  const certificates = text.match(CERTIFICATES) ?? [];
  if (certificates.length === 0) return { problem: 'it holds no certificate. Put certificate and key into one file.' };
  const isEncrypted = written.includes('ENCRYPTED');
  if (isEncrypted && password === undefined) return { problem: `its private key is encrypted. Set ${PASSWORD}.` };
  try {
    const key = createPrivateKey({ key: written, ...(isEncrypted && { passphrase: password!.reveal() }) });
    return { key, certificates: certificates.map((certificate) => new X509Certificate(certificate)) };
  } catch {
    return { problem: isEncrypted ? `its private key does not open. Check ${PASSWORD}.` : 'it is damaged.' };
  }
}

function fromPkcs12(bytes: Buffer, text: string, password: Secret | undefined): Found<Contents> {
  // Loaded when it is needed: most people have a secret or PEM.
  const forge = createRequire(import.meta.url)('node-forge') as typeof Forge;
  const der = /^[\sA-Za-z0-9+/=]+$/.test(text) ? Buffer.from(text, 'base64') : bytes;
  let asn1: Forge.asn1.Asn1;
  try {
    asn1 = forge.asn1.fromDer(forge.util.createBuffer(der.toString('binary')));
  } catch {
    return { problem: 'it is neither PEM nor PKCS #12.' };
  }
  try {
    const container = forge.pkcs12.pkcs12FromAsn1(asn1, false, password?.reveal() ?? '');
    return contentsOf(container, forge);
  } catch {
    return {
      problem: password
        ? `it does not open. Check ${PASSWORD}.`
        : `it does not open without a password. Set ${PASSWORD}.`,
    };
  }
}

function contentsOf(container: Forge.pkcs12.Pkcs12Pfx, forge: typeof Forge): Found<Contents> {
  const { pkcs8ShroudedKeyBag, keyBag, certBag } = forge.pki.oids;
  const bags = (type: string | undefined) => container.getBags({ bagType: type! })[type!] ?? [];
  const [bag] = [...bags(pkcs8ShroudedKeyBag), ...bags(keyBag)];
  const certificates = bags(certBag).flatMap(({ cert, asn1 }) =>
    derOf(cert ? forge.pki.certificateToAsn1(cert) : asn1, forge),
  );
  // A key that is not RSA is left as it was found.
  const [key] = derOf(bag?.key ? forge.pki.wrapRsaPrivateKey(forge.pki.privateKeyToAsn1(bag.key)) : bag?.asn1, forge);
  if (!key) return { problem: 'it holds no private key.' };
  if (certificates.length === 0) return { problem: 'it holds no certificate.' };
  return {
    key: createPrivateKey({ key, format: 'der', type: 'pkcs8' }),
    certificates: certificates.map((certificate) => new X509Certificate(certificate)),
  };
}

function derOf(asn1: Forge.asn1.Asn1 | undefined, forge: typeof Forge): Buffer[] {
  return asn1 ? [Buffer.from(forge.asn1.toDer(asn1).getBytes(), 'binary')] : [];
}

/** PowerShell writes text files in UTF-16. */
function textOf(bytes: Buffer): string {
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  return bytes.toString(isUtf16 ? 'utf16le' : 'latin1');
}
