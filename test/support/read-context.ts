import { channelMessages } from '../../src/resources/channel-messages.ts';
import type { Gap } from '../../src/strategies/gaps.ts';
import type { ReadContext, StrategyName } from '../../src/strategies/strategy.ts';
import type { FakeGraph } from './fake-graph.ts';
import { type FakeLoad, noContents } from './fake-load.ts';

/** What a read of channel messages works with, over a graph and a load of a test. */
export function readContext(
  strategy: StrategyName,
  { graph, load, gaps }: { readonly graph: FakeGraph; readonly load: FakeLoad; readonly gaps: Gap[] },
): ReadContext {
  const missing = () => Promise.reject(new Error('not asked for in this test'));
  return {
    resource: channelMessages.name,
    way: channelMessages.reads.find((way) => way.strategy.name === strategy)!,
    ways: channelMessages.reads,
    fallbacks: [],
    positions: new Map(),
    graph,
    load,
    signal: new AbortController().signal,
    overlapMs: 300_000,
    now: () => graph.nowMs,
    gap: (gap) => gaps.push(gap),
    unfinished: () => undefined,
    skip: (error) => {
      throw error;
    },
    fallback: () => undefined,
    listing: missing,
    records: missing,
    shared: (slot) => slot.make(),
    once: (_, read) => read(),
    below: missing,
    lands: true,
    contents: noContents,
    contentLimitBytes: 0,
    isMeant: () => true,
  };
}
