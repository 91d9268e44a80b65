/** What an earlier release stored of one webhook URL; the outbox knows now. Plain JSON. */
export interface EndpointState {
  readonly health: string;
  readonly sinceMs: number;
  readonly failures: number;
}

/** A URL that nothing is known of. */
export const newEndpoint = (nowMs: number): EndpointState => ({ health: 'healthy', sinceMs: nowMs, failures: 0 });
