import type { TwinRequest } from '../protocol/exchange.ts';
import type { Tenant } from '../tenant/types.ts';
import type { GraphBehaviour } from './behaviour.ts';

/** One call of a Graph route, after token, limits and permission were checked. */
export interface GraphCall {
  readonly tenant: Tenant;
  readonly behaviour: GraphBehaviour;
  readonly request: TwinRequest;
  /** Named segments of the route. */
  readonly ids: Readonly<Record<string, string>>;
  /** Query options of the first call of the chain: a `$skiptoken` carries them along. */
  readonly query: URLSearchParams;
  /** Where the last page ended, from the `$skiptoken`. */
  readonly position: string | undefined;
  /** Which page of its list this is, from 1. */
  readonly page: number;
  /** Version root as the client wrote it: `http://127.0.0.1:1234/v1.0`. */
  readonly root: string;
  /** True: values after `unknownFutureValue` are masked, the client did not ask for them. */
  readonly masked: boolean;
  /** Set by a fault: no page holds more rows. */
  readonly pageLimit: number | undefined;
  /** The tenant's own time. */
  readonly nowMs: number;
}
