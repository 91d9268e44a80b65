import type { TwinClock } from '../clock.ts';
import { startLive } from '../tenant/live.ts';
import type { TenantStore } from '../tenant/store.ts';

/** The tenant's own life: how much happens in it by itself. */
export interface LiveTenant {
  readonly eventsPerSecond: number;
  /** 0 stops it. */
  set(eventsPerSecond: number): void;
  /** Moves the clock without letting the time in between be lived. */
  whileStopped(move: () => void): void;
}

export function createLiveTenant(tenant: TenantStore, clock: TwinClock): LiveTenant {
  let rate = 0;
  let stop: (() => void) | undefined;
  const set = (eventsPerSecond: number) => {
    stop?.();
    rate = eventsPerSecond;
    stop = rate > 0 ? startLive(tenant, { eventsPerSecond, runtime: clock }) : undefined;
  };
  return {
    get eventsPerSecond() {
      return rate;
    },
    set,
    whileStopped: (move) => {
      const before = rate;
      set(0);
      move();
      set(before);
    },
  };
}
