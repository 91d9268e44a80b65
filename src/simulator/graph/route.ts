import type { TwinAnswer } from '../protocol/exchange.ts';
import type { GraphCall } from './call.ts';
import type { QueryRules } from './query-options.ts';

/** One GET route of the twin's Graph. */
export interface GraphRoute {
  /** Below the version root; Graph's own names for the ids. */
  readonly pattern: string;
  /** Application permissions, least first; any of them is enough. */
  readonly roles: readonly string[];
  readonly query: QueryRules;
  /** True for directory routes: other error texts, resource units in a header. */
  readonly directory?: boolean | undefined;
  handle(call: GraphCall): TwinAnswer;
}
