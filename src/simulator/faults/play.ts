import type { World } from '../graph/world.ts';
import type { TwinAnswer, TwinRequest } from '../protocol/exchange.ts';
import type { ExchangeIds } from '../protocol/graph-refusal.ts';
import { asked } from './asked.ts';
import type { FaultHit } from './fault-kind.ts';
import type { ActiveFault, FaultTarget } from './fault-script.ts';

/** The faults that hit one request, ready to be played. */
export interface Play {
  /** Smallest page that a fault asks for. */
  readonly pageLimit: number | undefined;
  /** The answer of a fault that stands in for the twin. */
  instead(): TwinAnswer | undefined;
  change(answer: TwinAnswer): TwinAnswer;
}

const nothing: Play = { pageLimit: undefined, instead: () => undefined, change: (answer) => answer };

const never = () => {};

/** @param target - what was asked, in the terms of fault rules */
export function playFaults(
  world: World,
  request: TwinRequest,
  target: Pick<FaultTarget, 'service' | 'path'>,
  ids: ExchangeIds,
  revokeToken: () => void = never,
): Play {
  if (world.faults.isEmpty) return nothing;
  const active = world.faults.hits({ ...target, method: request.method, ...asked(request.url.searchParams) });
  if (active.length === 0) return nothing;
  const hitOf = ({ rule, memory, held }: ActiveFault): FaultHit => ({
    rule,
    memory,
    held,
    request,
    ids,
    revokeToken,
    runtime: world.runtime,
  });
  const count = (fault: ActiveFault) => {
    fault.count();
    world.counts.faults++;
  };
  return {
    pageLimit: active.find(({ kind }) => kind.pageLimit !== undefined)?.kind.pageLimit,
    instead: () => {
      const fault = active.find(({ kind, held }) => kind.instead && !held);
      if (!fault) return undefined;
      count(fault);
      return fault.kind.instead!(hitOf(fault));
    },
    change: (answer) =>
      active.reduce((current, fault) => {
        const { kind, held } = fault;
        // The answer itself is looked at, not what an earlier fault made of it.
        if (held && !fault.hitsAnswer(answer)) return current;
        const changed = held && kind.instead ? kind.instead(hitOf(fault)) : kind.change?.(current, hitOf(fault));
        if (changed) count(fault);
        return changed ?? current;
      }, answer),
  };
}
