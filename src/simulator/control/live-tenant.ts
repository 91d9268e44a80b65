import type { TwinClock } from '../clock.ts';
import { startLive } from '../tenant/live.ts';
import type { TenantStore } from '../tenant/store.ts';

/** The tenant's own life: how much happens in it by itself. */
export interface LiveTenant {
  readonly eventsPerSecond: number;
  /** 0 stops it. */
  set(eventsPerSecond: number): void;
}

export function createLiveTenant(tenant: TenantStore, clock: TwinClock): LiveTenant {
  let rate = 0;
  let stop: (() => void) | undefined;
  return {
    get eventsPerSecond() {
      return rate;
    },
    set: (eventsPerSecond) => {
      stop?.();
      rate = eventsPerSecond;
      stop = rate > 0 ? startLive(tenant, { eventsPerSecond, runtime: clock }) : undefined;
    },
  };
}
