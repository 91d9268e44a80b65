import type { Notification } from '../../src/messages/types.ts';
import { checkRoutes } from '../../src/router/config/check.ts';
import { compileRouting, type Routing } from '../../src/router/config/routing.ts';
import { formatFault } from '../../src/router/config/routing-holder.ts';

/** When {@link alert}s start. */
export const ALERTS_BEGIN_MS = Date.UTC(2026, 0, 5, 12);

export function alert(changes: Partial<Notification> = {}): Notification {
  return {
    tenant: 'contoso',
    status: 'firing',
    fingerprint: 'f1',
    labels: {},
    annotations: {},
    tags: [],
    links: {},
    startsAt: ALERTS_BEGIN_MS,
    trail: [],
    ...changes,
  };
}

/** The compiled routing of a YAML text that must be right. */
export function routingOf(yaml: string): Routing {
  const check = checkRoutes(yaml);
  if (!check.ok) throw new Error(check.faults.map(formatFault).join('\n'));
  return compileRouting(check.config);
}
