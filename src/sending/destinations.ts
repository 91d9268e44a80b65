import type { SluiceConfig } from '../config/schema.ts';
import { webhookLimits } from '../limits/webhook-limits.ts';
import type { WebhookDestination } from '../notifiers/webhook/destination.ts';
import { endpointOf } from '../notifiers/webhook/notifier.ts';
import { WebhookUrl } from '../notifiers/webhook/webhook-url.ts';
import type { Limits } from '../outbox/types.ts';
import type { Secret } from '../runtime/secret.ts';
import { destinationName, readDestinationName } from './destination-name.ts';
import { receiverErrors } from './errors.ts';
import { WEBHOOK } from './outgoing.ts';

/** Tenant of everything when the configuration names none. */
const ONLY_TENANT = 'default';

/** The tenants that may send, the first being that of a sender who names none. */
export function tenantsOf({ auth, multi_tenant: several }: SluiceConfig): readonly string[] {
  return several.enabled ? several.allowed_tenants : [auth.tenant_id ?? ONLY_TENANT];
}

/** Where receivers lead, by the configuration in use. */
export class Destinations {
  readonly #config: () => SluiceConfig;
  readonly #identityKey: Secret;
  #made = new Map<string, WebhookDestination>();
  #madeFrom: SluiceConfig | undefined;

  /** @param identityKey - key of the hashes that webhooks are known by in logs and metrics */
  constructor(config: () => SluiceConfig, identityKey: Secret) {
    this.#config = config;
    this.#identityKey = identityKey;
  }

  /** What the outbox calls a receiver: lanes, limits and breakers of two tenants are never the same. */
  nameFor(tenant: string, receiver: string): string {
    return destinationName({ tenant: this.#config().multi_tenant.enabled ? tenant : undefined, receiver });
  }

  /**
   * The tenant whose messages go to the destination of that name. Undefined: nobody's; the name was stored before there
   * were several tenants.
   */
  tenantOf(name: string): string | undefined {
    const config = this.#config();
    return config.multi_tenant.enabled ? readDestinationName(name).tenant : tenantsOf(config)[0]!;
  }

  /** The endpoints of a destination, as the outbox knows them; one of a name of its own when it has no usable URL. */
  endpointsOf(name: string): readonly string[] {
    const found = this.#reachable(name);
    const urls = [found?.primary, found?.secondary].flatMap((url) => url ?? []);
    return urls.length > 0 ? urls.map(endpointOf) : [`${WEBHOOK}/${name}`];
  }

  /**
   * The destination of that name now. Undefined: there is none.
   *
   * @throws SluiceError `tenant_isolated` - the receiver belongs to another tenant
   */
  find(name: string): WebhookDestination | undefined {
    const config = this.#config();
    if (config !== this.#madeFrom) {
      this.#made = new Map();
      this.#madeFrom = config;
    }
    const known = this.#made.get(name) ?? this.#make(config, name);
    if (known) this.#made.set(name, known);
    return known;
  }

  /**
   * The published windows of webhooks, tightened by the configuration. They hold per URL: a URL leads to one channel of
   * one tenant, and tenants that share it share its count too.
   */
  readonly limits: Limits = ({ destination, endpoint }) => {
    if (!this.#reachable(destination)) return [];
    const perSecond = this.#config().resilience.webhook_rate_limit_per_second;
    const windows = webhookLimits.workflow.windows.map(({ limit, windowMs }) => ({
      windowMs,
      limit: windowMs === 1_000 ? Math.min(limit, perSecond) : limit,
    }));
    return [{ scope: endpoint, windows }];
  };

  #reachable(name: string): WebhookDestination | undefined {
    try {
      return this.find(name);
    } catch {
      return undefined;
    }
  }

  #make(config: SluiceConfig, name: string): WebhookDestination | undefined {
    const { enabled, isolation } = config.multi_tenant;
    const tenantId = this.tenantOf(name);
    const { receiver: key } = readDestinationName(name);
    const receiver = Object.hasOwn(config.receivers, key) ? config.receivers[key] : undefined;
    if (!receiver || tenantId === undefined) return undefined;
    const isOwn = receiver.tenant === tenantId || (receiver.tenant === undefined && isolation === 'shared_receivers');
    if (enabled && !isOwn) throw receiverErrors.tenant_isolated({ destination: name });
    const [primary, secondary] = [receiver.webhook].flat().map((url) => this.#url(config, url));
    return {
      tenantId: receiver.tenant ?? tenantId,
      primary: primary!,
      maxBytes: receiver.max_bytes,
      ...(secondary && { secondary }),
      ...(receiver.receipt !== undefined && { receipt: receiver.receipt }),
      ...(receiver.expires !== undefined && { expiresAtMs: Date.parse(receiver.expires) }),
    };
  }

  #url({ webhooks }: SluiceConfig, url: Secret): WebhookUrl {
    const allow = { hosts: webhooks.allowed_hosts, twins: webhooks.twin_hosts };
    return WebhookUrl.parse(url, { allow, identityKey: this.#identityKey });
  }
}
