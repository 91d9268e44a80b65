import type { TwinRequest } from '../protocol/exchange.ts';
import type { Tenant } from '../tenant/types.ts';

/** How the twin's Graph behaves where the published facts leave a choice. */
export interface GraphBehaviour {
  /** Share of full pages that come a few rows short, although more follow. Default 0.05. */
  readonly shortPages: number;
  /** Inline replies before `replies@odata.nextLink`: 200 (page of 2024-10), 1,000 (before). Default 200. */
  readonly inlineReplies: number;
  /** Largest page of `getAllMessages`; Microsoft does not publish one. Default 50. */
  readonly exportPageMaximum: number;
  /** Page size of members; Microsoft does not publish one. Default 100. */
  readonly memberPageSize: number;
  /** What a `$top` above the maximum does. Default `clamped`. */
  readonly topAboveMaximum: 'clamped' | 'ignored' | 'refused';
  /** Life of a delta token. Default 30 days. */
  readonly deltaTokenLifetimeMs: number;
  /** How a delta token past its life is answered: 410 with Location, or 400 `syncStateNotFound`. Default `gone`. */
  readonly expiredDeltaToken: 'gone' | 'bad-request';
  /** How delta on a channel without messages answers: as any other, or 400 on the second page. Default `served`. */
  readonly emptyChannelDelta: 'served' | 'refused';
  /** Seed of everything that looks like chance. Default 1. */
  readonly seed: number;
}

export const defaultBehaviour: GraphBehaviour = {
  shortPages: 0.05,
  inlineReplies: 200,
  exportPageMaximum: 50,
  memberPageSize: 100,
  topAboveMaximum: 'clamped',
  deltaTokenLifetimeMs: 30 * 86_400_000,
  expiredDeltaToken: 'gone',
  emptyChannelDelta: 'served',
  seed: 1,
};

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
