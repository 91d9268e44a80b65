import { readFileSync } from 'node:fs';
import tls from 'node:tls';

/**
 * Trusts further certificate authorities beside those that Node trusts. Undefined without any: then Node's own choice
 * holds, `NODE_EXTRA_CA_CERTS` included.
 *
 * @param ca - certificate authorities in PEM
 * @see https://nodejs.org/api/tls.html#tlscreatesecurecontextoptions (ca: replaces the default ones)
 */
export function trusting(ca: string | undefined): { readonly secureContext: tls.SecureContext } | undefined {
  return ca === undefined
    ? undefined
    : { secureContext: tls.createSecureContext({ ca: [...defaultAuthorities(), ca] }) };
}

function defaultAuthorities(): string[] {
  // Node has it from 22.15 on; before, the file that Node itself reads has to be read again.
  const { getCACertificates } = tls as { readonly getCACertificates?: (type: 'default') => string[] };
  if (getCACertificates) return [...getCACertificates('default')];
  const extra = process.env['NODE_EXTRA_CA_CERTS'];
  return [...tls.rootCertificates, ...(extra ? readExtra(extra) : [])];
}

/** Node only warns about a file that cannot be read, and goes on without it. */
function readExtra(file: string): string[] {
  try {
    return [readFileSync(file, 'utf8')];
  } catch {
    return [];
  }
}
