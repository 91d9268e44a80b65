import { domainToASCII } from 'node:url';
import ipaddr from 'ipaddr.js';
import type { Secret } from '../runtime/secret.ts';

/**
 * Through which proxies requests go. Each is a URL (`http:`, `https:` or `socks5:`) that may hold a sign-in.
 *
 * @see https://curl.se/docs/manpage.html#ENVIRONMENT (HTTPS_PROXY, ALL_PROXY, NO_PROXY)
 */
export interface ProxySettings {
  readonly httpsProxy?: Secret | undefined;
  readonly httpProxy?: Secret | undefined;
  /** For every request that has no proxy of its own kind. */
  readonly allProxy?: Secret | undefined;
  /** Hosts that are reached directly: `host`, `.domain`, `*.domain`, each with all below it; `host:port`; `10.0.0.0/8`; `*`. */
  readonly noProxy?: readonly string[] | undefined;
}

const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

/**
 * The proxy for a request; undefined: it goes there directly. This machine itself, and what is bound to
 * it (the metadata service of a cloud, 169.254.169.254), is never behind a proxy. A request in
 * plain http goes through the proxy of https when there is no other: only test twins and private gateways speak http.
 */
export function proxyFor(target: string, settings: ProxySettings): Secret | undefined {
  const url = new URL(target);
  if (isOwn(bare(url.hostname)) || settings.noProxy?.some((entry) => takesOut(entry, url))) return undefined;
  const { httpsProxy, httpProxy, allProxy } = settings;
  return url.protocol === 'https:' ? (httpsProxy ?? allProxy) : (httpProxy ?? allProxy ?? httpsProxy);
}

/** Hosts of IPv6 addresses stand in brackets in a URL; a dot at the end means the same host. */
const bare = (hostname: string) => hostname.toLowerCase().replace(/^\[|\]$|\.$/g, '');

function isOwn(host: string): boolean {
  if (host === 'localhost' || host.endsWith('.localhost')) return true;
  return ipaddr.isValid(host) && ['loopback', 'linkLocal'].includes(ipaddr.process(host).range());
}

/** Whether an entry of NO_PROXY means this URL. */
function takesOut(entry: string, url: URL): boolean {
  const host = bare(url.hostname);
  const wanted = entry
    .trim()
    .toLowerCase()
    .replace(/^[a-z]+:\/\/|\/$/g, '');
  if (wanted === '*') return true;
  if (ipaddr.isValidCIDR(wanted)) return isWithin(host, wanted);
  if (ipaddr.isValid(bare(wanted))) return isSame(host, bare(wanted));
  const [, name = '', port] = /^(.*?)(?::(\d+))?$/.exec(wanted) ?? [];
  if (port !== undefined && port !== (url.port || DEFAULT_PORTS[url.protocol])) return false;
  const written = bare(name).replace(/^\*?\./, '');
  const domain = domainToASCII(written) || written;
  if (ipaddr.isValid(domain)) return isSame(host, domain);
  return domain !== '' && (host === domain || host.endsWith(`.${domain}`));
}

function isSame(host: string, address: string): boolean {
  return ipaddr.isValid(host) && ipaddr.process(host).toString() === ipaddr.process(address).toString();
}

function isWithin(host: string, cidr: string): boolean {
  if (!ipaddr.isValid(host)) return false;
  const address = ipaddr.process(host);
  const range = ipaddr.parseCIDR(cidr);
  return address.kind() === range[0].kind() && address.match(range);
}

const PROXY_PROTOCOLS: readonly string[] = ['http:', 'https:', 'socks5:'];

/** The URL of a proxy as people write it (`proxy.example:3128`, `socks5h://…`), or undefined when it is none. */
export function parseProxyUrl(text: string): URL | undefined {
  const written = text.trim().replace(/^socks(5h)?:/i, 'socks5:');
  const full = /^[a-z][a-z\d+.-]*:\/\//i.test(written) ? written : `http://${written}`;
  if (!URL.canParse(full)) return undefined;
  const url = new URL(full);
  const isUsable =
    PROXY_PROTOCOLS.includes(url.protocol) && url.hostname !== '' && isDecodable(url.username + url.password);
  return isUsable ? url : undefined;
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
