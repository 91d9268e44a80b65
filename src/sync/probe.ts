import { allowsOtherRead } from '../errors/graph-error.ts';
import { isSluiceError, type Recovery, type SluiceError } from '../errors/sluice-error.ts';
import type { GraphClient } from '../graph/types.ts';
import { channels } from '../resources/channels.ts';
import { teams } from '../resources/teams.ts';
import { expandRoute, type Read } from '../resources/types.ts';
import type { TableShape } from '../schema/column.ts';
import { planReads } from './plan.ts';
import { records } from './records.ts';

/** What Graph said to one request for a resource. */
export interface Probe {
  readonly resource: string;
  /** `untried`: there is no team or channel to ask for. */
  readonly answer: 'read' | 'refused' | 'untried';
  readonly error?: SluiceError | undefined;
}

/**
 * Asks once for every resource that the tables need, of the first team and its first channel, as a run would: by the
 * next way where one is refused.
 *
 * @throws SluiceError when Graph cannot be reached, or the sign-in fails
 */
export async function probeReads(
  options: { readonly graph: GraphClient; readonly tables: readonly TableShape[] },
  signal: AbortSignal,
): Promise<readonly Probe[]> {
  const { graph, tables } = options;
  const { reads } = planReads({ tables, permissions: await graph.permissions(signal) });
  const place = await firstPlace(graph, signal);
  const probes: Probe[] = [];
  for (const { resource, read, fallbacks } of reads) {
    let probe: Omit<Probe, 'resource'> = { answer: 'untried' };
    for (const way of [read, ...fallbacks]) {
      probe = await ask(graph, way, place, signal);
      if (probe.answer !== 'refused' || !allowsOtherRead(probe.error)) break;
    }
    probes.push({ resource: resource.name, ...probe });
  }
  return probes;
}

type Ids = Readonly<Record<string, string>>;

interface Place {
  readonly ids: Ids;
  /** Why it is not known further. */
  readonly error?: SluiceError | undefined;
}

/** The first team and its first channel, as far as they can be seen. */
async function firstPlace(graph: GraphClient, signal: AbortSignal): Promise<Place> {
  const team = await firstId(graph, teams.reads[0], {}, signal);
  if (typeof team !== 'string') return { ids: {}, error: team };
  const ids = { 'team-id': team };
  const channel = await firstId(graph, channels.reads[0], ids, signal);
  return typeof channel === 'string' ? { ids: { ...ids, 'channel-id': channel } } : { ids, error: channel };
}

/** @returns the id, or why it is not known; undefined when there is none */
async function firstId(
  graph: GraphClient,
  read: Read,
  ids: Ids,
  signal: AbortSignal,
): Promise<string | SluiceError | undefined> {
  try {
    const page = await graph.page({ url: expandRoute(read, ids), route: read.route, ids }, signal);
    const [first] = records<{ readonly id?: unknown }>(page);
    return typeof first?.id === 'string' ? first.id : undefined;
  } catch (error) {
    return refusalOf(error, signal);
  }
}

async function ask(
  graph: GraphClient,
  read: Read,
  place: Place,
  signal: AbortSignal,
): Promise<Pick<Probe, 'answer' | 'error'>> {
  const needed = [...read.route.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name!);
  if (needed.some((name) => place.ids[name] === undefined)) {
    return place.error === undefined ? { answer: 'untried' } : { answer: 'refused', error: place.error };
  }
  const ids = Object.fromEntries(needed.map((name) => [name, place.ids[name]!]));
  try {
    await graph.page({ url: expandRoute(read, ids), route: read.route, ids, delta: read.strategy === 'delta' }, signal);
    return { answer: 'read' };
  } catch (error) {
    return { answer: 'refused', error: refusalOf(error, signal) };
  }
}

/** What concerns every request. */
const RUN_WIDE: ReadonlySet<Recovery> = new Set<Recovery>(['retry', 'refresh_token']);

/** A refusal of Graph. @throws anything else: nobody answered, the service is out, or the token is worth nothing */
function refusalOf(error: unknown, signal: AbortSignal): SluiceError {
  const isAnswer = isSluiceError(error) && error.surface === 'graph' && !RUN_WIDE.has(error.recovery);
  if (signal.aborted || !isAnswer) throw error;
  return error;
}
