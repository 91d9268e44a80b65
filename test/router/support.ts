import type { Notification } from '../../src/notifiers/types.ts';
import { checkRoutes } from '../../src/router/check.ts';
import { compileRouting, type Routing } from '../../src/router/routing.ts';
import { formatFault } from '../../src/router/routing-holder.ts';
import type { Runtime } from '../../src/runtime/runtime.ts';

/** A clock that moves only when told; sleepers wake when it does. */
export interface ManualRuntime extends Runtime {
  advance(ms: number): void;
}

export function manualRuntime(startAt = Date.UTC(2026, 0, 5, 12)): ManualRuntime {
  let now = startAt;
  let ids = 0;
  const sleepers: { at: number; wake: () => void }[] = [];
  return {
    now: () => now,
    monotonic: () => now,
    random: () => 0.5,
    id: () => `id-${++ids}`,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        sleepers.push({ at: now + ms, wake: resolve });
        signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
      }),
    advance: (ms) => {
      now += ms;
      for (const { at, wake } of sleepers) if (at <= now) wake();
    },
  };
}

export function alert(changes: Partial<Notification> = {}): Notification {
  return {
    tenant: 'contoso',
    status: 'firing',
    fingerprint: 'f1',
    labels: {},
    annotations: {},
    tags: [],
    links: {},
    startsAt: Date.UTC(2026, 0, 5, 12),
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
