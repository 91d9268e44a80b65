/** Hosts that configuration adds to the known ones. Exact names: no pattern can open more than was meant. */
export interface AllowedHosts {
  /** Further https hosts: `name`, or `name:port` for another port than 443. Only public addresses are connected to. */
  readonly hosts?: readonly string[];
  /** `host:port` of test twins. There, and nowhere else, plain http and private addresses are allowed. */
  readonly twins?: readonly string[];
}

type HostAllowance = 'public' | 'twin';

/**
 * @param url.hostname - an IPv6 address with or without its brackets
 * @param url.port - empty for the default port of the protocol, as URL parsing gives it
 */
export function allowanceOf(
  url: { readonly protocol: string; readonly hostname: string; readonly port: string },
  allow: AllowedHosts,
): HostAllowance | undefined {
  const bare = url.hostname.toLowerCase().replace(/^\[|\]$/g, '');
  const host = bare.includes(':') ? `[${bare}]` : bare;
  const named = `${host}:${url.port || (url.protocol === 'http:' ? '80' : '443')}`;
  const lists = (list: readonly string[] | undefined, name: string) =>
    list?.some((entry) => entry.toLowerCase() === name) ?? false;
  if (lists(allow.twins, named)) return 'twin';
  if (url.protocol !== 'https:') return undefined;
  const listed = lists(allow.hosts, named) || (named === `${host}:443` && lists(allow.hosts, host));
  return listed ? 'public' : undefined;
}
