import { Hono } from 'hono';
import { type Runtime, systemRuntime } from '../runtime/runtime.ts';
import type { TwinClock } from './clock.ts';
import { createControl } from './control/control.ts';
import { createLiveTenant, type LiveTenant } from './control/live-tenant.ts';
import type { FaultScript } from './faults/fault-script.ts';
import type { World } from './graph/world.ts';
import type { RequestCounts } from './limits/request-counts.ts';
import type { AppRegistration } from './login/app-registration.ts';
import type { ForeignIssuer } from './login/foreign-issuer.ts';
import { newWorld, type WorldOptions } from './new-world.ts';
import { json, type TwinAnswer, type TwinRequest } from './protocol/exchange.ts';
import { fromFetch, toFetch } from './protocol/fetch-exchange.ts';
import type { TwinService, TwinServiceKind } from './service.ts';
import { type ServiceOptions, serviceKinds } from './services.ts';
import type { TenantStore } from './tenant/store.ts';

export interface TwinOptions extends WorldOptions, ServiceOptions {
  readonly limits?: WorldOptions['limits'];
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
  /** The whole twin as a fetch handler: every service, and control. */
  readonly fetch: (request: Request) => Promise<Response>;
  /** The services alone, without the cost of fetch objects. */
  handle(request: TwinRequest): Promise<TwinAnswer>;
  /** One of its services. */
  service<Service extends TwinService>(kind: TwinServiceKind<ServiceOptions, Service>): Service;
  /** What was asked since the last reset. */
  requests(): RequestCounts;
  /** Settings with which Sluice reads this twin and sends to it, once it is served at `url`. */
  env(url: string): Record<string, string>;
}

export function createTwin(options: TwinOptions): Twin {
  const { tenant, runtime = systemRuntime } = options;
  const world = newWorld(options);
  const made = new Map(serviceKinds.map((kind) => [kind, kind(world, options)]));
  const services = [...made.values()];
  const live = createLiveTenant(tenant, world.clock);
  const handle = createHandler(services);
  return {
    tenant,
    runtime,
    clock: world.clock,
    faults: world.faults,
    live,
    app: world.app,
    foreign: world.foreign,
    handle,
    fetch: createFetch(world, handle, createControl(world, { tenant, live, services })),
    service: <Service extends TwinService>(kind: TwinServiceKind<ServiceOptions, Service>) => {
      const service = made.get(kind);
      if (!service) throw new RangeError('The twin has no such service.');
      // It is what this kind made.
      return service as Service;
    },
    requests: () => world.counts,
    env: (url) => Object.assign({}, ...services.map((service) => service.env(url))),
  };
}

function createHandler(services: readonly TwinService[]): Twin['handle'] {
  return async (request) => {
    for (const service of services) {
      const answer = await service.handle(request);
      if (answer) return answer;
    }
    const known = services.map(({ has }) => has).join(', nor ');
    const message = `${request.url.pathname} is neither ${known}.`;
    return json(404, { error: { code: 'NotFound', message } });
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
