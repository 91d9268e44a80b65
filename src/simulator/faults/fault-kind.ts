import type { Runtime } from '../../runtime/runtime.ts';
import type { TwinAnswer, TwinRequest } from '../protocol/exchange.ts';
import type { ExchangeIds } from '../protocol/graph-refusal.ts';
import type { FaultRule } from './fault-rule.ts';
import type { HeldRecord } from './held-record.ts';

/** What a fault has at hand when it is played. */
export interface FaultHit {
  readonly rule: FaultRule;
  readonly request: TwinRequest;
  readonly ids: ExchangeIds;
  readonly runtime: Runtime;
  /** The record that the rule is bound to, and that the answer holds. */
  readonly held: HeldRecord | undefined;
  /** The rule's own memory, from hit to hit. */
  readonly memory: Map<string, string>;
  /** Makes the request's token worthless from now on. */
  revokeToken(): void;
}

/** One fault: it answers instead of the twin, changes the twin's answer, or both limits the page. */
export interface FaultKind {
  readonly summary: string;
  /** The service it belongs to, whatever the rule says. */
  readonly service?: FaultRule['service'];
  /** Only requests that carry a `$deltatoken` are hit. */
  readonly deltaTokensOnly?: true;
  readonly pageLimit?: number;
  instead?(hit: FaultHit): TwinAnswer;
  /** Undefined: the answer gives nothing to change, the hit does not count. */
  change?(answer: TwinAnswer, hit: FaultHit): TwinAnswer | undefined;
}
