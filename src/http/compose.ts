import type { Send, Stage } from './types.ts';

/**
 * Chains stages around a transport, the outermost first: `compose(retry, auth)(transport)` retries around auth.
 *
 * The order that the Graph client uses, and why:
 *
 * 1. `breaker` sees one outcome per logical call, so the retries of one call cannot open it.
 * 2. `retry` repeats everything below it.
 * 3. page validation, so that a half page or a portal's HTML is repeated like a failed request.
 * 4. `auth` fetches the token before the turn is taken: nothing may stand between the governor and the wire.
 * 5. the governor: every attempt takes its own turn.
 * 6. `timeout` counts the time on the wire, not the time waited.
 * 7. `observe` sees every attempt as it was sent.
 */
export function compose(...stages: readonly Stage[]): Stage {
  return (transport) => stages.reduceRight<Send>((next, stage) => stage(next), transport);
}
