import { type LookupAddress, lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { buildConnector } from 'undici';
import { isSluiceError, type SluiceError } from '../../errors/sluice-error.ts';
import { addressRange } from '../../http/public-address.ts';
import { trusting } from '../../http/trust.ts';
import { type AllowedHosts, allowanceOf } from './allowed-hosts.ts';
import { webhookErrors } from './errors.ts';

type Connector = buildConnector.connector;

export interface GuardedConnectorOptions {
  readonly allow?: AllowedHosts | undefined;
  /** Default 10 s. */
  readonly connectTimeoutMs?: number | undefined;
  /** Further certificate authorities in PEM, beside those that Node trusts. */
  readonly ca?: string | undefined;
  /** Resolves names. Default: the system's resolver. */
  readonly lookup?: LookupFunction | undefined;
  /** Opens the sockets once the guard agrees. Default: undici's own connector over the guarded lookup. */
  readonly open?: Connector | undefined;
}

/**
 * Opens sockets to public addresses over https only, and to the named twins. The address is checked where it is used:
 * the lookup hands only checked addresses to the socket, and the socket's own far end is checked once more before a
 * byte is written.
 */
export function guardedConnector(options: GuardedConnectorOptions = {}): Connector {
  const { allow = {}, connectTimeoutMs = 10_000, ca, lookup = systemLookup as LookupFunction } = options;
  const settings = { timeout: connectTimeoutMs, ...trusting(ca) };
  const openTwin = options.open ?? buildConnector({ ...settings, lookup });
  const openPublic = options.open ?? buildConnector({ ...settings, lookup: guardedLookup(lookup) });
  return (target, callback) => {
    if (allowanceOf(target, allow) === 'twin') return openTwin(target, callback);
    const refusal = refuseTarget(target);
    if (refusal) return callback(refusal, null);
    openPublic(target, (...[error, socket]) => {
      if (error) return callback(error, null);
      const range = addressRange(socket.remoteAddress ?? '');
      if (range === 'public') return callback(null, socket);
      socket.destroy();
      callback(addressRefused(range), null);
    });
  };
}

/**
 * The guard for a webhook that a proxy connects to, where no socket of ours can be looked at: https only, no address that
 * is not public, and no name that leads to none but such addresses here. A name that only the proxy can resolve is left
 * to it; which names may be asked for at all, the allowed hosts say.
 */
export function guardedTarget(options: Pick<GuardedConnectorOptions, 'allow' | 'lookup'>): (url: URL) => Promise<void> {
  const { allow = {}, lookup = systemLookup as LookupFunction } = options;
  return async (url) => {
    if (allowanceOf(url, allow) === 'twin') return;
    const hostname = url.hostname.replace(/^\[|\]$/g, '');
    const refusal = refuseTarget({ protocol: url.protocol, hostname }) ?? (await refusedHere(hostname, lookup));
    if (refusal) throw refusal;
  };
}

function refusedHere(hostname: string, lookup: LookupFunction): Promise<SluiceError | undefined> {
  return new Promise((resolve) => {
    guardedLookup(lookup)(hostname, {}, (error) => resolve(isSluiceError(error) ? error : undefined));
  });
}

/** Refuses what can be told before any lookup: another protocol, or an address in place of a name. */
function refuseTarget({ protocol, hostname }: Pick<buildConnector.Options, 'protocol' | 'hostname'>) {
  if (protocol !== 'https:') return webhookErrors.not_https();
  const range = isIP(hostname) === 0 ? 'public' : addressRange(hostname);
  return range === 'public' ? undefined : addressRefused(range);
}

/**
 * A lookup that gives the public addresses of a name only. A socket connects to what its lookup gave, so a name that
 * means something else a moment later gains nothing. Without a public address it fails with `address_not_allowed`.
 */
export function guardedLookup(lookup: LookupFunction): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, []);
      const addresses = found as LookupAddress[];
      const usable = addresses.filter(({ address }) => addressRange(address) === 'public');
      const [first] = usable;
      if (!first) return callback(addressRefused(addressRange(addresses[0]?.address ?? '')), []);
      if (options.all) return callback(null, usable);
      callback(null, first.address, first.family);
    });
  };
}

const addressRefused = (range: string) => webhookErrors.address_not_allowed({ range });
