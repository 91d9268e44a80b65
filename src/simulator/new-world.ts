import { type Runtime, seededRandom, systemRuntime } from '../runtime/runtime.ts';
import { Secret } from '../runtime/secret.ts';
import { createClock, type TwinClock } from './clock.ts';
import { readPermissions } from './collections/index.ts';
import { createFaultScript } from './faults/fault-script.ts';
import { defaultBehaviour, type GraphBehaviour } from './graph/behaviour.ts';
import type { World } from './graph/world.ts';
import { type LimitOptions, publishedMeter, unlimitedMeter } from './limits/meter.ts';
import { noRequests } from './limits/request-counts.ts';
import { directorySize } from './limits/rows.ts';
import type { AppRegistration } from './login/app-registration.ts';
import { createForeignIssuer } from './login/foreign-issuer.ts';
import { createTokenIssuer } from './login/token-issuer.ts';
import type { TenantStore } from './tenant/store.ts';

/** Share of the 429s with a Retry-After, when nothing else is said: Teams leaves it out at times. */
const usualRetryAfterShare = 0.8;

export interface WorldOptions {
  readonly tenant: TenantStore;
  readonly runtime?: Runtime | undefined;
  /** The tenant's time. Default: beside the runtime's. */
  readonly clock?: TwinClock | undefined;
  /** `published` enforces Microsoft's figures, `none` none, an object changes how strictly. Default `published`. */
  readonly limits?: 'published' | 'none' | LimitOptions | undefined;
  readonly behaviour?: Partial<GraphBehaviour> | undefined;
  /** Default: one app with a made-up secret and every permission that a whole read needs. */
  readonly app?: Partial<AppRegistration> | undefined;
  /** Default: one bot with a made-up secret. */
  readonly bot?: Partial<AppRegistration> | undefined;
  /** Life of an access token. Default 3,599, as Entra ID gives. */
  readonly tokenLifetimeSeconds?: number | undefined;
}

/** What the services of a twin share, before anything was asked. */
export function newWorld(options: WorldOptions): World {
  const { tenant, runtime = systemRuntime } = options;
  const behaviour = { ...defaultBehaviour, ...options.behaviour };
  return {
    tenant,
    // The same seed draws the same 429s, whatever else the process draws.
    runtime: { ...runtime, random: seededRandom(behaviour.seed) },
    behaviour,
    app: {
      clientId: runtime.id(),
      clientSecret: new Secret(runtime.id()),
      permissions: readPermissions,
      ...options.app,
    },
    grantedNow: undefined,
    clock: options.clock ?? createClock(runtime),
    issuer: createTokenIssuer({ runtime, lifetimeSeconds: options.tokenLifetimeSeconds ?? 3_599 }),
    foreign: createForeignIssuer(runtime),
    faults: createFaultScript({ seed: behaviour.seed, tenant }),
    counts: noRequests(),
    ...limitsOf(options),
    bot: { clientId: runtime.id(), clientSecret: new Secret(runtime.id()), permissions: [], ...options.bot },
  };
}

function limitsOf({ limits = 'published', tenant }: WorldOptions): Pick<World, 'meter' | 'retryAfterShare'> {
  const size = () => directorySize(tenant.users().length);
  if (limits === 'none') return { meter: unlimitedMeter(size), retryAfterShare: usualRetryAfterShare };
  const chosen = limits === 'published' ? {} : limits;
  return {
    meter: publishedMeter(chosen, size),
    retryAfterShare: chosen.retryAfterShare ?? usualRetryAfterShare,
  };
}
