import ipaddr from 'ipaddr.js';

export interface UrlPolicy {
  /** Hosts that are good although they are internal or have no https: an intranet, a test twin. Exact names. */
  readonly allowedHosts?: readonly string[];
}

export const ALLOWED_URLS = 'an absolute https URL to a public host';

/** Names that never belong to a public host. Sources: RFC 6761, RFC 6762, RFC 8375, https://www.icann.org/en/board-activities-and-meetings/materials/approved-resolutions-special-meeting-of-the-icann-board-29-07-2024-en */
const INTERNAL_SUFFIXES = ['localhost', 'local', 'internal', 'intranet', 'lan', 'home.arpa', 'test', 'invalid'];

/**
 * Why a URL may not stand in a card, or undefined when it may. The URL is never part of the answer: it can be signed.
 *
 * `URL` has already turned decimal, octal, hexadecimal and short IPv4 forms into dotted ones when the address is looked at.
 */
export function urlProblem(url: string, policy: UrlPolicy = {}): string | undefined {
  const parsed = absolute(url);
  if (!parsed) return 'not an absolute URL';
  const host = parsed.hostname.replace(/\.$/, '');
  if (policy.allowedHosts?.includes(host) && /^https?:$/.test(parsed.protocol)) return undefined;
  if (parsed.protocol !== 'https:') return `the scheme is "${parsed.protocol.slice(0, 20)}"`;
  if (parsed.username || parsed.password) return 'it carries a user name or password';
  return isPublicHost(host) ? undefined : 'it leads to an internal address';
}

function absolute(url: string): URL | undefined {
  try {
    return new URL(url);
  } catch {
    return undefined;
  }
}

function isPublicHost(host: string): boolean {
  const address = host.replace(/^\[(.*)\]$/, '$1');
  if (/^[\d.]+$|:/.test(address) && ipaddr.isValid(address)) return isPublicAddress(ipaddr.process(address));
  const internal = INTERNAL_SUFFIXES.some((suffix) => host === suffix || host.endsWith(`.${suffix}`));
  return host.includes('.') && !internal;
}

/** Of IPv6 only 2000::/3 is given out. Source: https://www.iana.org/assignments/ipv6-address-space/ */
function isPublicAddress(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  const isGivenOut = 'octets' in address || (address.parts[0]! & 0xe000) === 0x2000;
  return isGivenOut && address.range() === 'unicast';
}
