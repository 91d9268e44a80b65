import type { BotStore } from '../bot/store/bot-store.ts';
import type { ConfigHolder } from '../config/holder.ts';
import type { Send } from '../http/types.ts';
import { createRoutingHolder, type RoutingHolder } from '../router/config/routing-holder.ts';
import type { Predicate } from '../router/match/predicates.ts';
import { Silences } from '../router/mute/silences.ts';
import { Router } from '../router/router.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Secret } from '../runtime/secret.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { Deliverers } from './deliverers.ts';
import { Destinations } from './destinations.ts';
import type { SenderState } from './state/sender-state.ts';
import type { StateSource } from './state/state-store.ts';

/** The parts that hold state, made from what an earlier process stored. */
export interface Assembly {
  readonly destinations: Destinations;
  readonly deliverers: Deliverers;
  readonly silences: Silences;
  readonly routing: RoutingHolder;
  readonly router: Router;
}

export interface AssemblyOptions {
  readonly config: ConfigHolder;
  readonly runtime: Runtime;
  readonly telemetry: Telemetry;
  readonly send?: Send | undefined;
  readonly identityKey: Secret;
  readonly botStore: BotStore;
  readonly predicates?: ReadonlyMap<string, Predicate> | undefined;
}

/** @throws SluiceError `routing_config_invalid` */
export function assemble(options: AssemblyOptions, stored: SenderState): Assembly {
  const { config, runtime, predicates } = options;
  const current = () => config.current().config;
  const destinations = new Destinations(current);
  const deliverers = new Deliverers({ ...options, config: current, destinations });
  const silences = new Silences(runtime, stored.silences);
  const routing = createRoutingHolder(config.current().routingText, {
    // Asked at every reload: the receivers are those of the configuration in use then.
    get receivers() {
      return Object.keys(config.current().config.receivers);
    },
  });
  const router = new Router({
    routing,
    silences,
    runtime,
    predicates,
    state: stored.router,
  });
  return { destinations, deliverers, silences, routing, router };
}

/** What must survive a restart, whatever the present configuration names. */
export function stateSourceOf({ router, silences }: Assembly): StateSource {
  const parts = [router, silences];
  return {
    changes: () => parts.flatMap((part) => part.changes()),
    commit: () => {
      for (const part of parts) part.commit();
    },
    rollback: () => {
      for (const part of parts) part.rollback();
    },
  };
}
