import type { ReceiverConfig } from '../config/receivers.ts';
import type { SluiceConfig } from '../config/schema.ts';
import { defaultKind } from '../notifiers/kinds.ts';
import { destinationName, readDestinationName } from './destination-name.ts';
import { receiverErrors } from './errors.ts';

/** Tenant of everything when the configuration names none. */
const ONLY_TENANT = 'default';

/** The tenants that may send, the first being that of a sender who names none. */
export function tenantsOf({ auth, multi_tenant: several }: SluiceConfig): readonly string[] {
  return several.enabled ? several.allowed_tenants : [auth.tenant_id ?? ONLY_TENANT];
}

/** Where a message is sent. */
export interface Destination {
  /** Name of the receiver. */
  readonly name: string;
  readonly tenantId: string;
  readonly receiver: ReceiverConfig;
}

/** What the outbox is told of where a message goes. */
export interface OutboxTarget {
  readonly notifier: string;
  readonly destination: string;
}

/** The receiver of that name, if the configuration has it. */
export const receiverOf = ({ receivers }: SluiceConfig, name: string): ReceiverConfig | undefined =>
  Object.hasOwn(receivers, name) ? receivers[name] : undefined;

/** Where receivers lead, by the configuration in use. */
export class Destinations {
  readonly #config: () => SluiceConfig;

  constructor(config: () => SluiceConfig) {
    this.#config = config;
  }

  /** What the outbox calls a receiver: lanes, limits and breakers of two tenants are never the same. */
  nameFor(tenant: string, receiver: string): string {
    return destinationName({ tenant: this.#config().multi_tenant.enabled ? tenant : undefined, receiver });
  }

  /** Where the outbox is to send what is for a receiver. */
  targetFor(tenant: string, receiver: string): OutboxTarget {
    const notifier = receiverOf(this.#config(), receiver)?.kind.name ?? defaultKind.name;
    return { notifier, destination: this.nameFor(tenant, receiver) };
  }

  /**
   * The tenant whose messages go to the destination of that name. Undefined: nobody's; the name was stored before there
   * were several tenants.
   */
  tenantOf(name: string): string | undefined {
    const config = this.#config();
    return config.multi_tenant.enabled ? readDestinationName(name).tenant : tenantsOf(config)[0]!;
  }

  /**
   * The destination of that name now. Undefined: there is none.
   *
   * @throws SluiceError `tenant_isolated` - the receiver belongs to another tenant
   */
  find(name: string): Destination | undefined {
    const config = this.#config();
    const { enabled, isolation } = config.multi_tenant;
    const tenantId = this.tenantOf(name);
    const { receiver: key } = readDestinationName(name);
    const receiver = receiverOf(config, key);
    if (!receiver || tenantId === undefined) return undefined;
    const isOwn = receiver.tenant === tenantId || (receiver.tenant === undefined && isolation === 'shared_receivers');
    if (enabled && !isOwn) throw receiverErrors.tenant_isolated({ destination: name });
    return { name: key, tenantId: receiver.tenant ?? tenantId, receiver };
  }
}
