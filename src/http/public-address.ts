import ipaddr from 'ipaddr.js';

/** The address of Azure's host services lies among public ones. https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16 */
const AZURE_HOST = '168.63.129.16';

/** All of IPv6 that is handed out for global use: anything else is refused. RFC 4291, section 2.4; IANA registry. */
const GLOBAL_UNICAST = ipaddr.parseCIDR('2000::/3') as [ipaddr.IPv6, number];

/**
 * What kind of address this is: `public`, or the reason why it is refused (`loopback`, `private`, `linkLocal`,
 * `carrierGradeNat`, `ipv4Mapped`, `rfc6052` for NAT64, `6to4`, …). Special-purpose ranges as in the IANA registries.
 *
 * @see https://www.iana.org/assignments/iana-ipv4-special-registry
 * @see https://www.iana.org/assignments/iana-ipv6-special-registry
 */
export function addressRange(address: string): string {
  if (!ipaddr.isValid(address)) return 'invalid';
  const parsed = ipaddr.parse(address);
  const range = parsed.range();
  if (range !== 'unicast') return range;
  if (parsed instanceof ipaddr.IPv6) return parsed.match(GLOBAL_UNICAST) ? 'public' : 'reserved';
  return parsed.toString() === AZURE_HOST ? 'metadata' : 'public';
}
