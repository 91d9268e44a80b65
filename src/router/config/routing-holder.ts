import type { ConfigFault } from '../../settings/document.ts';
import { routerErrors } from '../errors.ts';
import { checkRoutes, type RouteCheck } from './check.ts';
import type { KnownNames } from './references.ts';
import { compileRouting, type Routing } from './routing.ts';

/** Holds the routing in use and changes it only for a configuration without faults. */
export interface RoutingHolder {
  current(): Routing;
  /** Checks a new configuration; a wrong one is reported and the old one stays. */
  reload(text: string): RouteCheck;
}

/**
 * @throws SluiceError `routing_config_invalid` - the first configuration has faults; `details.faults` lists each
 */
export function createRoutingHolder(text: string, known: KnownNames = {}): RoutingHolder {
  const first = checkRoutes(text, known);
  if (!first.ok) throw configError(first.faults);
  let routing = compileRouting(first.config);
  return {
    current: () => routing,
    reload: (newText) => {
      const check = checkRoutes(newText, known);
      if (check.ok) routing = compileRouting(check.config);
      return check;
    },
  };
}

/** One line of a fault: `12:5 routing.route.receivers[0]: Unknown receiver …`. */
export function formatFault({ line, column, path, message }: ConfigFault): string {
  return `${line}:${column} ${path ? `${path}: ` : ''}${message}`;
}

function configError(faults: readonly ConfigFault[]) {
  return routerErrors.routing_config_invalid({ faults: faults.map(formatFault) });
}
