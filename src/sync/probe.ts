import { allowsOtherRead } from '../errors/graph-error.ts';
import { isUnlicensed } from '../errors/graph-refusals.ts';
import { isSluiceError, type Recovery, type SluiceError } from '../errors/sluice-error.ts';
import { expandRoute, parametersOf } from '../graph/endpoint.ts';
import type { GraphClient } from '../graph/types.ts';
import { listingRead, pathTo, type Read, type Resource, showingRead } from '../resources/types.ts';
import type { TableShape } from '../schema/column.ts';
import { records } from '../strategies/records.ts';
import { shapeOf } from '../strategies/strategy.ts';
import { latestWindow, windowUrl } from '../strategies/time-windows.ts';
import { planReads } from './plan.ts';
import { type Asked, askedIn } from './scope.ts';

/** What Graph said to one request for a resource. */
export interface Probe {
  readonly resource: string;
  /** `untried`: there is no record to ask for. */
  readonly answer: 'read' | 'refused' | 'untried';
  readonly error?: SluiceError | undefined;
}

/**
 * Asks once for every resource that the tables need, of the first record of each level above it, as a run would: by the
 * next way where one is refused.
 *
 * @throws SluiceError when Graph cannot be reached, or the sign-in fails
 */
export async function probeReads(
  options: {
    readonly graph: GraphClient;
    readonly tables: readonly TableShape[];
    /** Records that are asked for instead of the first ones. */
    readonly asked?: Asked | undefined;
    readonly now: () => number;
  },
  signal: AbortSignal,
): Promise<readonly Probe[]> {
  const { graph, tables, asked = new Map(), now } = options;
  const { reads } = planReads({ tables, permissions: await graph.permissions(signal), asked });
  const places = new FirstPlaces({ graph, asked, now }, signal);
  const probes: Probe[] = [];
  for (const { resource, read, fallbacks } of reads) {
    let probe: Omit<Probe, 'resource'> = { answer: 'untried' };
    for (const way of [read, ...fallbacks]) {
      probe = await ask({ graph, now }, way, await places.of(pathTo(way.per)), signal);
      if (probe.answer !== 'refused' || !allowsOtherRead(probe.error)) break;
    }
    probes.push({ resource: resource.name, ...probe });
  }
  return probes;
}

type Ids = Readonly<Record<string, string>>;

/** What a question is asked with. */
interface Asking {
  readonly graph: GraphClient;
  readonly now: () => number;
}

/** What is read by windows of time is asked for its newest; of what lies ahead too, for a whole first window. */
function urlOf(read: Read, ids: Ids, now: () => number): string {
  const { window } = read;
  if (window === undefined) return expandRoute(read, ids);
  const { aheadMs, keptMs } = window;
  const asked = aheadMs === undefined ? latestWindow(window, now()) : { fromMs: now() - keptMs, toMs: now() + aheadMs };
  return windowUrl(read, ids, asked);
}

interface Place {
  readonly ids: Ids;
  /** Why it is not known further. */
  readonly error?: SluiceError | undefined;
}

/** The first record of each level, below the first of the one above, as far as they can be seen. */
class FirstPlaces {
  readonly #asking: Asking;
  readonly #asked: Asked;
  readonly #signal: AbortSignal;
  readonly #known = new Map<Resource, Promise<Place>>();

  constructor({ asked, ...asking }: Asking & { readonly asked: Asked }, signal: AbortSignal) {
    this.#asking = asking;
    this.#asked = asked;
    this.#signal = signal;
  }

  /** @param levels - from the top */
  async of(levels: readonly Resource[]): Promise<Place> {
    const last = levels.at(-1);
    if (last === undefined) return { ids: {} };
    const known = this.#known.get(last) ?? this.#first(last, levels.slice(0, -1));
    this.#known.set(last, known);
    return known;
  }

  async #first(collection: Resource, above: readonly Resource[]): Promise<Place> {
    const place = await this.of(above);
    const [asked] = askedIn(this.#asked, collection) ?? [];
    if (asked !== undefined) return { ids: { ...place.ids, [collection.gives!]: asked } };
    const isKnown = above.every(({ gives }) => place.ids[gives!] !== undefined);
    if (!isKnown) return place;
    const read = listingRead(collection) ?? showingRead(collection)!;
    const id = await firstId(this.#asking, read, place.ids, this.#signal);
    return typeof id === 'string' ? { ids: { ...place.ids, [collection.gives!]: id } } : { ...place, error: id };
  }
}

/** @returns the id, or why it is not known; undefined when there is none */
async function firstId(
  { graph, now }: Asking,
  read: Read,
  ids: Ids,
  signal: AbortSignal,
): Promise<string | SluiceError | undefined> {
  try {
    const page = await graph.page({ url: urlOf(read, ids, now), route: read.route, ids }, signal);
    const { shownOn } = await read.strategy.load();
    if (shownOn) return shownOn(page, { ids, way: read })[0];
    const [first] = records<{ readonly id?: unknown }>(page);
    return typeof first?.id === 'string' ? first.id : undefined;
  } catch (error) {
    if (isUnlicensed(error)) return undefined;
    return refusalOf(error, signal);
  }
}

async function ask(
  { graph, now }: Asking,
  read: Read,
  place: Place,
  signal: AbortSignal,
): Promise<Pick<Probe, 'answer' | 'error'>> {
  const needed = parametersOf(read.route);
  if (needed.some((name) => place.ids[name] === undefined)) {
    return place.error === undefined ? { answer: 'untried' } : { answer: 'refused', error: place.error };
  }
  const ids = Object.fromEntries(needed.map((name) => [name, place.ids[name]!]));
  try {
    await graph.page(
      {
        url: urlOf(read, ids, now),
        route: read.route,
        ids,
        shape: shapeOf(read),
        delta: read.strategy.isRound ?? false,
      },
      signal,
    );
    return { answer: 'read' };
  } catch (error) {
    // A user without a licence tells nothing of the others.
    if (isUnlicensed(error)) return { answer: 'untried' };
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
