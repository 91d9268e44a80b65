import type { Runtime } from '../../runtime/runtime.ts';
import type { TwinClock } from '../clock.ts';
import type { FaultScript } from '../faults/fault-script.ts';
import type { Meter } from '../limits/meter.ts';
import type { RequestCounts } from '../limits/request-counts.ts';
import type { AppRegistration } from '../login/app-registration.ts';
import type { ForeignIssuer } from '../login/foreign-issuer.ts';
import type { TokenIssuer } from '../login/token-issuer.ts';
import type { Tenant } from '../tenant/types.ts';
import type { GraphBehaviour } from './behaviour.ts';

/** Everything the twin's services share. */
export interface World {
  readonly tenant: Tenant;
  readonly clock: TwinClock;
  readonly runtime: Runtime;
  behaviour: GraphBehaviour;
  readonly app: AppRegistration;
  /** The bot, as it is registered. */
  readonly bot: AppRegistration;
  /** Set when Graph judges by what is granted now, not by what the token says. */
  grantedNow: ReadonlySet<string> | undefined;
  readonly issuer: TokenIssuer;
  /** Another identity provider that the app registration trusts. */
  readonly foreign: ForeignIssuer;
  readonly meter: Meter;
  /** Share of the 429s that carry a Retry-After. */
  readonly retryAfterShare: number;
  readonly faults: FaultScript;
  /** Counts since the last reset. */
  counts: RequestCounts;
}
