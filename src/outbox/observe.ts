import type { OutboxEvent } from './types.ts';

export type Observe = (event: OutboxEvent) => void;

/** An observer that throws must not stop the deliveries. */
export function tell(observe: Observe, event: OutboxEvent): void {
  try {
    observe(event);
  } catch {
    // Nobody is left to tell.
  }
}
