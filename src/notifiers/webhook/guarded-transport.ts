import type { ProxySettings } from '../../http/proxy.ts';
import { timeout } from '../../http/timeout.ts';
import { type Transport, undiciTransport } from '../../http/undici-transport.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { type GuardedConnectorOptions, guardedConnector, guardedTarget } from './guarded-connector.ts';

export interface GuardedTransportOptions extends GuardedConnectorOptions {
  readonly runtime: Runtime;
  /** Whole attempt, from the first byte out to the last byte in. Default 30 s. */
  readonly timeoutMs?: number | undefined;
  /** As much of an answer is read; its status counts in any case. Default 64 KB: answers of webhooks are a line or two. */
  readonly maxBodyBytes?: number | undefined;
  /** Default: every webhook is connected to directly. */
  readonly proxy?: ProxySettings | undefined;
}

/** Sockets per host. All flows of an environment, and all webhooks of a twin, share one host. */
const CONNECTIONS = 64;

/**
 * Sends to webhooks: https to public addresses only, no redirect followed, a bound on time and on the answer's size.
 * Only hosts that `allow.twins` names may be anything else.
 *
 * @throws SluiceError `address_not_allowed` from `send`, before a connection is open; else as `undiciTransport`
 */
export function guardedTransport(options: GuardedTransportOptions): Transport {
  const { runtime, timeoutMs = 30_000, maxBodyBytes = 64 * 1024 } = options;
  const transport = undiciTransport({
    surface: 'webhook',
    connections: CONNECTIONS,
    headersTimeoutMs: timeoutMs,
    bodyTimeoutMs: timeoutMs,
    maxBodyBytes,
    // A 202 is a 202, whatever stands behind it: an unread body would make it unknown, and the message a duplicate.
    body: 'helpful',
    connector: guardedConnector(options),
    connectTimeoutMs: options.connectTimeoutMs,
    ca: options.ca,
    proxy: options.proxy,
    allowProxied: guardedTarget(options),
  });
  const limit = timeout({ runtime, defaultMs: timeoutMs, surface: 'webhook' });
  return { send: limit(transport.send), close: transport.close, finish: transport.finish };
}
