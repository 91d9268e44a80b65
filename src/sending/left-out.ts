import type { Outbox } from '../outbox/outbox.ts';
import type { EndpointSummary } from '../outbox/types.ts';
import type { Decision } from '../router/match/decide.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { leftOutCodes } from './errors.ts';

/** A receiver that the routes chose and that gets nothing. */
export interface LeftOut {
  readonly receiver: string;
  readonly code: keyof typeof leftOutCodes;
  /** Who gets it instead. */
  readonly fallback?: string | undefined;
}

/** The receivers that decisions name. */
const receiversOf = (decisions: readonly Decision[]): string[] => [
  ...new Set(decisions.flatMap(({ assignments }) => assignments.flatMap(({ receivers }) => receivers))),
];

/** Who gets nothing of what was decided, each named once. */
export function leftOutOf(decisions: readonly Decision[], isDisabled: (receiver: string) => boolean): LeftOut[] {
  const found = new Map<string, LeftOut>();
  for (const { assignments, overCap } of decisions) {
    for (const { route, receivers } of assignments) {
      for (const receiver of receivers) {
        if (found.has(receiver) || !isDisabled(receiver)) continue;
        found.set(receiver, { receiver, code: 'endpoint_disabled', fallback: route.fallbackReceiver });
      }
    }
    for (const receiver of overCap) {
      if (!found.has(receiver)) found.set(receiver, { receiver, code: 'max_destinations' });
    }
  }
  return [...found.values()];
}

/** Whether nothing is sent to an endpoint now: it is disabled, and not yet to be asked again. */
const isLeftAlone = ({ health, probeAtMs }: EndpointSummary, nowMs: number): boolean =>
  health === 'disabled' && (probeAtMs ?? 0) > nowMs;

/** Who gets nothing of what was just accepted, counted. What was accepted stays so when the database does not answer. */
export async function tellLeftOut(
  decisions: readonly Decision[],
  tenant: string,
  {
    outbox,
    endpointsOf,
    runtime,
    telemetry,
  }: {
    readonly outbox: Outbox;
    /** The endpoints that lead to a receiver. */
    readonly endpointsOf: (receiver: string) => readonly string[];
    readonly runtime: Runtime;
    readonly telemetry: Telemetry;
  },
): Promise<readonly LeftOut[]> {
  const known = await outbox.endpoints(receiversOf(decisions).flatMap(endpointsOf)).catch(() => []);
  const now = runtime.now();
  const alone = new Set(known.filter((one) => isLeftAlone(one, now)).map(({ endpoint }) => endpoint));
  const leftOut = leftOutOf(decisions, (receiver) => endpointsOf(receiver).every((endpoint) => alone.has(endpoint)));
  for (const { code } of leftOut) telemetry.count('teams.routing.left_out', 1, { tenant_id: tenant, code });
  return leftOut;
}
