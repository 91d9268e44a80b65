import { createHash } from 'node:crypto';
import { proxyOf } from '../config/connection.ts';
import type { SluiceConfig } from '../config/schema.ts';
import type { Send } from '../http/types.ts';
import type { Transport } from '../http/undici-transport.ts';
import { guardedTransport } from '../notifiers/webhook/guarded-transport.ts';
import type { Runtime } from '../runtime/runtime.ts';

export interface WireOptions {
  readonly config: () => SluiceConfig;
  readonly runtime: Runtime;
  /** Instead of real sockets. */
  readonly send?: Send;
}

interface Opened {
  /** Fingerprint of the settings it was made with. */
  readonly settings: string;
  readonly transport: Transport;
}

/** The way to webhooks: guarded sockets, by the configuration in use. Whether a webhook is asked, the outbox decides. */
export class Wire {
  readonly #options: WireOptions;
  #current: Opened | undefined;
  /** Those of earlier configurations, until they have finished what they have. */
  readonly #ending = new Set<Promise<void>>();

  constructor(options: WireOptions) {
    this.#options = options;
  }

  readonly send: Send = async (request, signal) => await this.#open().transport.send(request, signal);

  async close(): Promise<void> {
    await Promise.all([this.#current?.transport.close(), ...this.#ending]);
  }

  /** The present transport. A reload that changes nothing for it leaves it; else the old one finishes what it has. */
  #open(): Opened {
    const config = this.#options.config();
    const settings = fingerprintOf(settingsOf(config));
    if (this.#current?.settings === settings) return this.#current;
    const old = this.#current;
    this.#current = { settings, transport: this.#transport(config) };
    if (old) {
      // What goes wrong at its end concerns nobody.
      const ending = old.transport.finish().catch(() => {});
      this.#ending.add(ending);
      void ending.then(() => this.#ending.delete(ending));
    }
    return this.#current;
  }

  #transport(config: SluiceConfig): Transport {
    const { runtime, send } = this.#options;
    const nothing = async () => {};
    if (send) return { send, close: nothing, finish: nothing };
    return guardedTransport({ runtime, ...settingsOf(config) });
  }
}

const settingsOf = ({ webhooks, resilience, network }: SluiceConfig) => ({
  allow: { hosts: webhooks.allowed_hosts, twins: webhooks.twin_hosts },
  timeoutMs: resilience.request_timeout_ms,
  connectTimeoutMs: resilience.connection_timeout_ms,
  ca: network.ca,
  proxy: proxyOf(network),
});

/** Changes when a setting does; a secret shows in it as little as elsewhere. */
function fingerprintOf(settings: ReturnType<typeof settingsOf>): string {
  const { httpsProxy, httpProxy, allProxy } = settings.proxy;
  const secrets = [httpsProxy, httpProxy, allProxy].map((secret) => secret?.reveal());
  return createHash('sha256')
    .update(JSON.stringify([settings, secrets]))
    .digest('hex');
}
