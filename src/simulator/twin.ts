import { Hono } from 'hono';
import { type Runtime, seededRandom, systemRuntime } from '../runtime/runtime.ts';
import { Secret } from '../runtime/secret.ts';
import { createClock, type TwinClock } from './clock.ts';
import { readPermissions } from './collections/index.ts';
import { createControl } from './control/control.ts';
import { createLiveTenant, type LiveTenant } from './control/live-tenant.ts';
import { createFaultScript, type FaultScript } from './faults/fault-script.ts';
import { defaultBehaviour, type GraphBehaviour } from './graph/behaviour.ts';
import { createGraphService, graphRoot } from './graph/graph-service.ts';
import type { World } from './graph/world.ts';
import { type LimitOptions, publishedMeter, unlimitedMeter } from './limits/meter.ts';
import { noRequests, type RequestCounts } from './limits/request-counts.ts';
import { directorySize } from './limits/rows.ts';
import type { AppRegistration } from './login/app-registration.ts';
import { createForeignIssuer, type ForeignIssuer } from './login/foreign-issuer.ts';
import { createIdentityEndpoint } from './login/identity-endpoint.ts';
import { createLoginService } from './login/login-service.ts';
import { createTokenIssuer } from './login/token-issuer.ts';
import { json, type TwinAnswer, type TwinRequest } from './protocol/exchange.ts';
import { fromFetch, toFetch } from './protocol/fetch-exchange.ts';
import type { TenantStore } from './tenant/store.ts';
import { drawTexts, type RenderCard, type RenderPage } from './webhooks/channel.ts';
import { type WebhookRoutes, webhookRoutes } from './webhooks/webhook-routes.ts';

/** Share of the 429s with a Retry-After, when nothing else is said: Teams leaves it out at times. */
const usualRetryAfterShare = 0.8;

export interface TwinOptions {
  readonly tenant: TenantStore;
  readonly runtime?: Runtime;
  /** The tenant's time. Default: beside the runtime's. */
  readonly clock?: TwinClock;
  /** `published` enforces Microsoft's figures, `none` none, an object changes how strictly. Default `published`. */
  readonly limits?: 'published' | 'none' | LimitOptions;
  readonly behaviour?: Partial<GraphBehaviour>;
  /** Default: one app with a made-up secret and every permission that a whole read needs. */
  readonly app?: Partial<AppRegistration>;
  /** Life of an access token. Default 3,599, as Entra ID gives. */
  readonly tokenLifetimeSeconds?: number;
  /** Draws a card for `GET /_twin/channel`. Default: its texts, a line each. */
  readonly renderCard?: RenderCard;
  /** Draws the page of `GET /_twin/channel?format=html`. */
  readonly renderPage?: RenderPage | undefined;
}

/** A simulated tenant behind the real protocols. */
export interface Twin {
  readonly tenant: TenantStore;
  readonly runtime: Runtime;
  readonly clock: TwinClock;
  readonly faults: FaultScript;
  readonly live: LiveTenant;
  readonly app: AppRegistration;
  /** Another identity provider that the app trusts: gives its federated tokens. */
  readonly foreign: ForeignIssuer;
  readonly webhooks: WebhookRoutes;
  /** The whole twin as a fetch handler: login, Graph and control. */
  readonly fetch: (request: Request) => Promise<Response>;
  /** Login and Graph alone, without the cost of fetch objects. */
  handle(request: TwinRequest): Promise<TwinAnswer>;
  /** What was asked since the last reset. */
  requests(): RequestCounts;
  /** Settings with which Sluice reads this twin, once it is served at `url`. */
  env(url: string): Record<string, string>;
}

export function createTwin(options: TwinOptions): Twin {
  const { tenant, runtime = systemRuntime } = options;
  const behaviour = { ...defaultBehaviour, ...options.behaviour };
  const app: AppRegistration = {
    clientId: runtime.id(),
    clientSecret: new Secret(runtime.id()),
    permissions: readPermissions,
    ...options.app,
  };
  const world: World = {
    tenant,
    // The same seed draws the same 429s, whatever else the process draws.
    runtime: { ...runtime, random: seededRandom(behaviour.seed) },
    behaviour,
    app,
    grantedNow: undefined,
    clock: options.clock ?? createClock(runtime),
    issuer: createTokenIssuer({ runtime, lifetimeSeconds: options.tokenLifetimeSeconds ?? 3_599 }),
    foreign: createForeignIssuer(runtime),
    faults: createFaultScript({ seed: behaviour.seed, tenant }),
    counts: noRequests(),
    ...limitsOf(options),
  };
  const live = createLiveTenant(tenant, world.clock);
  const webhooks = webhookRoutes({
    runtime,
    clock: world.clock,
    render: options.renderCard ?? drawTexts,
    renderPage: options.renderPage,
    limits: options.limits === 'none' ? 'none' : 'published',
  });
  const handle = createHandler(world, app, webhooks);
  return {
    tenant,
    runtime,
    clock: world.clock,
    faults: world.faults,
    live,
    app,
    foreign: world.foreign,
    webhooks,
    handle,
    fetch: createFetch(world, handle, createControl(world, { tenant, live, webhooks: webhooks.control })),
    requests: () => world.counts,
    env: (url) => ({
      TEAMS_TENANT_ID: tenant.id,
      TEAMS_CLIENT_ID: app.clientId,
      TEAMS_CLIENT_SECRET: app.clientSecret.reveal(),
      TEAMS_GRAPH_URL: `${url}${graphRoot}`,
      TEAMS_LOGIN_URL: url,
      ...webhooks.env(url),
    }),
  };
}

function limitsOf({ limits = 'published', tenant }: TwinOptions): Pick<World, 'meter' | 'retryAfterShare'> {
  const size = () => directorySize(tenant.users().length);
  if (limits === 'none') return { meter: unlimitedMeter(size), retryAfterShare: usualRetryAfterShare };
  const chosen = limits === 'published' ? {} : limits;
  return {
    meter: publishedMeter(chosen, size),
    retryAfterShare: chosen.retryAfterShare ?? usualRetryAfterShare,
  };
}

function createHandler(world: World, app: AppRegistration, webhooks: WebhookRoutes): Twin['handle'] {
  const graph = createGraphService(world);
  const login = createLoginService(world, [app]);
  const identity = createIdentityEndpoint(world, app);
  return async (request) => {
    const { pathname } = request.url;
    if (pathname === graphRoot || pathname.startsWith(`${graphRoot}/`)) return graph(request);
    return (
      (await webhooks.handle(request)) ??
      (await login(request)) ??
      (await identity(request)) ??
      json(404, {
        error: {
          code: 'NotFound',
          message: `${pathname} is neither a login endpoint, nor a webhook, nor below ${graphRoot}.`,
        },
      })
    );
  };
}

function createFetch(world: World, handle: Twin['handle'], control: Hono): Twin['fetch'] {
  const app = new Hono();
  app.onError((error) => {
    throw error;
  });
  app.route('/_twin', control);
  app.all('*', async (c) => toFetch(await handle(fromFetch(c.req.raw)), c.req.raw, world.runtime));
  return async (request) => app.fetch(request);
}
