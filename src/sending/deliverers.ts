import type { BotStore } from '../bot/store/bot-store.ts';
import { cardToText } from '../cards/index.ts';
import { botAccessOf } from '../config/bot-access.ts';
import { proxyOf } from '../config/connection.ts';
import { settingsOf } from '../config/notifiers.ts';
import type { SluiceConfig } from '../config/schema.ts';
import { isSluiceError } from '../errors/sluice-error.ts';
import { reloadingTransport } from '../http/reloading-transport.ts';
import { timeout } from '../http/timeout.ts';
import type { Send } from '../http/types.ts';
import { type Transport, undiciTransport } from '../http/undici-transport.ts';
import type { Notifier, Outcome } from '../messages/types.ts';
import { endpointName, ownEndpointName } from '../notifiers/endpoint-name.ts';
import { notifierErrors } from '../notifiers/errors.ts';
import type { HouseHost, HouseNetwork } from '../notifiers/house-host.ts';
import type { Endpoint, NotifierKind, OpenNotifier } from '../notifiers/kind.ts';
import { outcomeOf } from '../notifiers/outcome.ts';
import { secretTexts } from '../notifiers/secrets.ts';
import type { Limits } from '../outbox/types.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Secret } from '../runtime/secret.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Destination, Destinations } from './destinations.ts';
import type { Outgoing } from './outgoing.ts';

export interface DeliverersOptions {
  readonly config: () => SluiceConfig;
  readonly destinations: Destinations;
  readonly runtime: Runtime;
  readonly telemetry: Telemetry;
  /** Key of the hashes that endpoints are known by in logs and metrics. */
  readonly identityKey: Secret;
  readonly botStore: BotStore;
  /** Instead of real sockets. */
  readonly send?: Send | undefined;
}

type Attempted = Parameters<Notifier<Outgoing['body']>['notify']>[0];

/** What the outbox asks of notifiers, answered by the notifier that a destination has in the configuration in use. */
export class Deliverers {
  readonly #options: DeliverersOptions;
  readonly #opened = new Map<NotifierKind, OpenNotifier>();
  readonly #transports: Transport[] = [];

  constructor(options: DeliverersOptions) {
    this.#options = options;
  }

  /**
   * One for each notifier of the configuration in use. A message was stored for one of them, and goes to the receiver as
   * it is configured now.
   */
  all(): readonly Notifier<Outgoing['body']>[] {
    return this.#options.config().notifiers.map(({ kind: { name } }) => ({
      name,
      endpointsOf: (destination) => this.#namedEndpoints(destination),
      notify: (message, signal) => this.#notify(message, signal),
    }));
  }

  /** The endpoints of a destination, as the outbox knows them; one of a name of its own when its notifier names none. */
  endpointsOf(destination: string): readonly string[] {
    const named = this.#namedEndpoints(destination);
    if (named.length > 0) return named;
    const found = this.#reachable(destination);
    const notifiers = found ? [found.receiver.kind] : this.#options.config().notifiers.map(({ kind }) => kind);
    return notifiers.map(({ name }) => ownEndpointName(name, destination));
  }

  /** The windows that the receiver's notifier declares. They hold per endpoint: who shares it shares its count too. */
  readonly limits: Limits = ({ destination, endpoint }) => {
    const found = this.#reachable(destination);
    if (!found) return [];
    const { kind, windows } = found.receiver;
    const own = windows.length > 0 ? [{ scope: endpoint, windows }] : [];
    const shared = this.#sharedOf(found).map((one) => ({ scope: `${kind.name} ${one.name}`, windows: one.windows }));
    return [...own, ...shared];
  };

  async close(): Promise<void> {
    await Promise.allSettled([...this.#opened.values()].map((notifier) => notifier.close?.()));
    await Promise.all(this.#transports.map((transport) => transport.close()));
  }

  async #notify(message: Attempted, signal: AbortSignal): Promise<Outcome> {
    const found = this.#find(message.destination);
    if ('kind' in found) return found;
    const { name: to, receiver } = found;
    const { id, attempt, payload: body, subject } = message;
    const names = new Map(this.#keysOf(found).map((key) => [this.#nameOf(found, key), key]));
    const answer = await this.#open(receiver.kind).notify(
      {
        id,
        attempt,
        to,
        receiver: receiver.fields,
        body,
        subject,
        text: () => cardToText(body.attachments[0].content),
        endpoint: message.endpoint === undefined ? undefined : names.get(message.endpoint),
      },
      signal,
    );
    return outcomeOf(answer, { nameOf: (key) => this.#nameOf(found, key), secrets: this.#secretsOf(found) });
  }

  #find(destination: string): Destination | Extract<Outcome, { kind: 'permanent' }> {
    try {
      const found = this.#options.destinations.find(destination);
      if (found) return found;
      return { kind: 'permanent', error: notifierErrors.destination_unknown({ destination }), blame: 'nobody' };
    } catch (error) {
      if (!isSluiceError(error)) throw error;
      return { kind: 'permanent', error, blame: 'gone' };
    }
  }

  #reachable(destination: string): Destination | undefined {
    const found = this.#find(destination);
    return 'kind' in found ? undefined : found;
  }

  #namedEndpoints(destination: string): readonly string[] {
    const found = this.#reachable(destination);
    return found ? this.#keysOf(found).map((key) => this.#nameOf(found, key)) : [];
  }

  /** What its notifier calls the endpoints of a receiver. Of one that throws, nothing is known: its attempt says more. */
  #keysOf({ receiver }: Destination): readonly Endpoint[] {
    try {
      return this.#open(receiver.kind).endpoints?.(receiver.fields) ?? [];
    } catch {
      return [];
    }
  }

  #sharedOf({ receiver }: Destination): ReturnType<NonNullable<OpenNotifier['sharedWindows']>> {
    try {
      return this.#open(receiver.kind).sharedWindows?.(receiver.fields) ?? [];
    } catch {
      return [];
    }
  }

  #nameOf(destination: Destination, endpoint: Endpoint): string {
    const { identityKey } = this.#options;
    return endpointName(destination.receiver.kind.name, endpoint, {
      identityKey,
      secrets: this.#secretsOf(destination),
    });
  }

  #secretsOf({ receiver }: Destination): readonly string[] {
    return secretTexts([receiver.fields, settingsOf(this.#options.config(), receiver.kind)]);
  }

  #open(kind: NotifierKind): OpenNotifier {
    const opened = this.#opened.get(kind) ?? kind.open(this.#hostOf(kind));
    this.#opened.set(kind, opened);
    return opened;
  }

  #hostOf(kind: NotifierKind): HouseHost {
    const { config, runtime, telemetry, identityKey, botStore } = this.#options;
    const network = () => networkOf(config());
    const connect: HouseHost['connect'] = (settings, open) => this.#connect(settings, open);
    const { send } = connect(network, (settings) => plainTransport(runtime, settings));
    const bot = () => botAccessOf(config());
    const settings = () => settingsOf(config(), kind);
    return { runtime, telemetry, identityKey, network, connect, send, settings, bot, botStore };
  }

  #connect<Own>(settings: () => Own, open: (settings: Own) => Transport | Promise<Transport>): Transport {
    const { send } = this.#options;
    const nothing = async () => {};
    if (send) return { send, close: nothing, finish: nothing };
    const transport = reloadingTransport(settings, open);
    this.#transports.push(transport);
    return transport;
  }
}

const networkOf = ({ resilience, network }: SluiceConfig): HouseNetwork => ({
  timeoutMs: resilience.request_timeout_ms,
  connectTimeoutMs: resilience.connection_timeout_ms,
  ca: network.ca,
  proxy: proxyOf(network),
});

/** Sockets per host of a notifier that opens none of its own. */
const CONNECTIONS = 64;

/** As much of an answer is read; its status counts in any case. */
const MAX_ANSWER_BYTES = 64 * 1024;

function plainTransport(runtime: Runtime, { timeoutMs, connectTimeoutMs, ca, proxy }: HouseNetwork): Transport {
  const transport = undiciTransport({
    surface: 'notifier',
    connections: CONNECTIONS,
    connectTimeoutMs,
    headersTimeoutMs: timeoutMs,
    bodyTimeoutMs: timeoutMs,
    maxBodyBytes: MAX_ANSWER_BYTES,
    body: 'helpful',
    ca,
    proxy,
  });
  const limit = timeout({ runtime, defaultMs: timeoutMs, surface: 'notifier' });
  return { ...transport, send: limit(transport.send) };
}
