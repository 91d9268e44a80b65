import { proxyOf } from '../config/connection.ts';
import type { SluiceConfig } from '../config/schema.ts';
import { BREAKER_LEVELS, breaker } from '../http/breaker.ts';
import type { Send } from '../http/types.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { guardedTransport } from '../webhooks/guarded-transport.ts';

export interface WireOptions {
  readonly config: () => SluiceConfig;
  readonly runtime: Runtime;
  readonly telemetry: Telemetry;
  /** Instead of real sockets. */
  readonly send?: Send;
}

/** Longer than towards Graph: nobody waits for a webhook, and its flow may be throttled. */
const DEFAULT_BREAKER_PAUSE_MS = 30_000;

/** The way to webhooks: guarded sockets behind a circuit breaker per URL, by the configuration in use. */
export class Wire {
  readonly #options: WireOptions;
  #current: { config: SluiceConfig; send: Send; close: () => Promise<void> } | undefined;

  constructor(options: WireOptions) {
    this.#options = options;
  }

  readonly send: Send = async (request, signal) => await this.#open().send(request, signal);

  async close(): Promise<void> {
    await this.#current?.close();
  }

  #open() {
    const config = this.#options.config();
    if (this.#current?.config === config) return this.#current;
    const old = this.#current;
    const { send, close } = this.#transport(config);
    this.#current = { config, send: this.#breaker(config)(send), close };
    // It ends once its last request has; what goes wrong then concerns nobody.
    old?.close().catch(() => {});
    return this.#current;
  }

  #transport({ webhooks, resilience, network }: SluiceConfig) {
    const { runtime, send } = this.#options;
    if (send) return { send, close: async () => {} };
    return guardedTransport({
      runtime,
      allow: { hosts: webhooks.allowed_hosts, twins: webhooks.twin_hosts },
      timeoutMs: resilience.request_timeout_ms,
      connectTimeoutMs: resilience.connection_timeout_ms,
      ca: network.ca,
      proxy: proxyOf(network),
    });
  }

  #breaker({ resilience }: SluiceConfig) {
    const { runtime, telemetry } = this.#options;
    return breaker({
      runtime,
      failures: resilience.circuit_breaker_threshold,
      pauseMs: resilience.circuit_breaker_timeout_ms ?? DEFAULT_BREAKER_PAUSE_MS,
      surface: 'webhook',
      endpointOf: ({ ids, route }) => ids?.['webhook'] ?? route,
      onState: (endpoint, state) => {
        telemetry.gauge('teams.circuit_breaker.state', BREAKER_LEVELS[state], { endpoint });
        if (state === 'open') telemetry.log('breaker.opened', { operation: endpoint });
        if (state === 'closed') telemetry.log('breaker.closed', { operation: endpoint });
      },
    });
  }
}
