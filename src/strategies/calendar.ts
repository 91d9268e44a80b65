import { isCircuitOpen } from '../errors/graph-refusals.ts';
import type { Page } from '../graph/types.ts';
import { positionKey } from '../lake/log/partition-key.ts';
import type { Position } from '../lake/types.ts';
import { BadStretches } from './bad-stretches.ts';
import { listingName, pageContext, partitionOf } from './context.ts';
import { recordLost } from './errors.ts';
import { isPageFailure } from './gaps.ts';
import { isNamed, itemsOf } from './items.ts';
import { CLOCK_SKEW_MS } from './marks.ts';
import { isBuilt, meetingNotSeen, meetingsIn } from './meetings.ts';
import { readAll } from './pages.ts';
import { instant, parseWindowsPosition, storedPosition, type WindowsPosition } from './position.ts';
import { partitionName, placeOfKey } from './position-key.ts';
import { isDamaged, records } from './records.ts';
import type {
  EstimateContext,
  EstimatedRequests,
  Item,
  Place,
  ReadContext,
  Reader,
  ShownEstimate,
  Stored,
} from './strategy.ts';
import { type Window, windowUrl } from './time-windows.ts';
import { WindowGaps, windowsAround } from './window-gaps.ts';

/**
 * Reads a calendar by windows of time: the first time some days back, later from a little before where the last run ended,
 * and always what lies ahead, where meetings move and are cancelled. Rows that touch what was read and are not listed any
 * more are deleted; older ones stay. What cannot be read is narrowed and becomes a gap. Then it shows the meetings that are
 * in it, and those of earlier runs; only when what is below them was read do the marks move.
 */
export const reader: Reader = { read, estimate, shown, shownOn, partitionOf: listingName, retain };

async function read(context: ReadContext, place: Place): Promise<void> {
  const { resource, load, lands, shows, untilMs } = context;
  const names = [...(lands ? [resource] : []), ...(shows?.resources ?? [])];
  const stretch = stretchOf(context, place, names);
  const partition = listingName(place);
  const { pages, whole } = await look(context, place, stretch);
  if (lands) {
    const raw = pages.map((page) => ({
      resource,
      partition,
      context: pageContext(place.ids, page),
      bytes: page.bytes,
    }));
    const within = whole.map(({ fromMs, toMs }) => ({ from: instant(fromMs), to: instant(toMs) }));
    await load.replace(resource, partition, raw, { within });
  }
  const events = pages.flatMap((page) => itemsOf(records<unknown>(page)));
  // What cannot be read is not cancelled.
  if (shows) await shows.read(meetingsAt(context, place, { events, stretch: longestOf(whole) }), shows.resources);
  for (const gap of stretch.gaps.stretches(resource, partition)) context.gap(gap);
  if (untilMs !== undefined) return;
  for (const name of names) load.advance(name, partitionOf(place), markOf(stretch));
}

/** What is asked for of one calendar, with the lower edge of all that was ever asked for. */
interface Stretch extends Window {
  readonly since: number;
  /** When it began to be asked for. */
  readonly nowMs: number;
  readonly gaps: WindowGaps;
}

/** A window that is longer is asked for in every run: what is new may be in it. */
const NARROW_MS = 3_600_000;

interface Looked {
  readonly pages: readonly Page[];
  /** What was read whole. */
  readonly whole: readonly Window[];
}

/** Asks for all of a stretch. @throws what failed, where nothing of it can be read */
async function look(
  context: Pick<ReadContext, 'graph' | 'way' | 'signal'>,
  place: Place,
  { gaps, ...stretch }: Stretch,
): Promise<Looked> {
  const { way, signal } = context;
  const pages: Page[] = [];
  const whole: Window[] = [];
  const bad = new BadStretches();
  let failure: unknown;
  const todo = windowsAround(way.window!, stretch, { gaps: [gaps] }).filter(
    (window) => !gaps.isWaiting(window) || window.toMs - window.fromMs > NARROW_MS,
  );
  for (let window = todo.shift(); window; window = todo.shift()) {
    try {
      const read = await pagesOf(context, place, { window, attempts: bad.attemptsAt(window) });
      pages.push(...read);
      if (read.every(isReadable)) {
        gaps.fill(window);
        whole.push(window);
      } else gaps.fail(window, recordLost(way.route));
    } catch (error) {
      if (!isPageFailure(error, signal) && !isCircuitOpen(error)) throw error;
      failure ??= error;
      const halves = isCircuitOpen(error) ? undefined : bad.halvesOf(window);
      if (halves) todo.unshift(...halves);
      else gaps.fail(window, error);
    }
  }
  if (failure !== undefined && pages.length === 0) throw failure;
  return { pages, whole: joined(whole) };
}

const isReadable = (page: Page): boolean => !isDamaged(page) && records<unknown>(page).every(isNamed);

/** Windows in order, those that follow each other as one. */
function joined(windows: readonly Window[]): readonly Window[] {
  const result: Window[] = [];
  for (const window of windows) {
    const last = result.at(-1);
    if (last?.toMs === window.fromMs) result[result.length - 1] = { fromMs: last.fromMs, toMs: window.toMs };
    else result.push(window);
  }
  return result;
}

const NOTHING: Window = { fromMs: 0, toMs: 0 };

const longestOf = (windows: readonly Window[]): Window =>
  windows.reduce((longest, one) => (one.toMs - one.fromMs > longest.toMs - longest.fromMs ? one : longest), NOTHING);

function pagesOf(
  { graph, way, signal }: Pick<ReadContext, 'graph' | 'way' | 'signal'>,
  { ids }: Place,
  { window, attempts }: { readonly window: Window; readonly attempts: number | undefined },
): Promise<readonly Page[]> {
  return readAll(graph, { url: windowUrl(way, ids, window), route: way.route, ids, headers: IN_UTC, attempts }, signal);
}

/** Times of events say no offset: they are asked for in UTC. https://learn.microsoft.com/en-us/graph/api/user-list-calendarview */
const IN_UTC = { prefer: 'outlook.timezone="UTC"' };

/** The meetings of what was read, and those of earlier runs that are not in it. */
function meetingsAt(
  { tenantId, shows }: ReadContext,
  place: Place,
  { events, stretch }: { readonly events: readonly Item[]; readonly stretch: Window },
): readonly Item[] {
  const meetings = meetingsIn(events, { userId: place.item.id, tenantId }, stretch);
  const seen = new Set(meetings.map(({ id }) => id));
  const others = shows!.known(place).filter((id) => !seen.has(id));
  return [...meetings, ...others.map((id) => meetingNotSeen(id, stretch))];
}

type Known = Pick<Stored, 'positions'> & Pick<ReadContext, 'way' | 'sinceMs' | 'untilMs' | 'now'>;

/** From the earliest mark of what is read in this calendar, or from the first window. */
function stretchOf(context: Known, place: Place, names: readonly string[]): Stretch {
  const nowMs = context.now();
  const positions = names.map((name) => {
    const key = positionKey(name, partitionOf(place));
    const position = parseWindowsPosition(key, context.positions.get(key));
    // A clock that ran ahead asked for too little.
    return position && Date.parse(position.through) > nowMs + CLOCK_SKEW_MS ? undefined : position;
  });
  const edges = positions.map((position) => edgesOf(position, context, nowMs));
  const fromMs = Math.min(nowMs, ...edges.map((edge) => edge.fromMs));
  const toMs = context.untilMs ?? nowMs + (context.way.window!.aheadMs ?? 0);
  const missing = positions.flatMap((position) => position?.gaps ?? []);
  return {
    fromMs: Math.min(fromMs, toMs),
    toMs,
    nowMs,
    since: Math.min(fromMs, ...edges.map(({ since }) => since)),
    gaps: new WindowGaps([...new Map(missing.map((gap) => [`${gap.from} ${gap.to}`, gap])).values()], { nowMs }),
  };
}

function edgesOf(
  position: WindowsPosition | undefined,
  { way, sinceMs }: Pick<Known, 'way' | 'sinceMs'>,
  nowMs: number,
): { readonly fromMs: number; readonly since: number } {
  const { keptMs, lateMs } = way.window!;
  const firstMs = sinceMs ?? nowMs - keptMs;
  if (position === undefined) return { fromMs: firstMs, since: firstMs };
  const since = Date.parse(position.since);
  if (sinceMs !== undefined && sinceMs < since) return { fromMs: sinceMs, since: sinceMs };
  return { fromMs: Math.max(since, Math.min(Date.parse(position.through), nowMs) - lateMs), since };
}

const markOf = ({ nowMs, since, gaps }: Stretch): Position =>
  storedPosition({ version: 1, through: instant(nowMs), since: instant(since), gaps: gaps.stored });

/** A calendar shows the meetings in it, and not its events. Of what tenant they are is not asked. */
function shownOn(page: Page, { ids }: { readonly ids: Readonly<Record<string, string>> }): readonly string[] {
  const account = { userId: ids['user-id']!, tenantId: undefined };
  const meetings = meetingsIn(itemsOf(records<unknown>(page)), account, { fromMs: 0, toMs: 0 });
  return meetings.filter(isBuilt).map(({ id }) => id);
}

/** What was written down of calendars whose users are gone is forgotten; their rows stay. */
function retain({ load, positions, resource }: Stored & Pick<ReadContext, 'load'>, listed: ReadonlySet<string>): void {
  for (const key of positions.keys()) {
    const place = placeOfKey(key, resource);
    if (place === undefined || place.ids.length !== 1 || listed.has(listingName({ path: place.ids }))) continue;
    load.advance(resource, partitionName(place.kind, ...place.ids), null);
  }
}

async function estimate(context: EstimateContext, place: Place): Promise<readonly EstimatedRequests[]> {
  return (await shown(context, place)).requests;
}

/** A calendar is asked for as a run does: that is one request, as a rule. */
async function shown(context: EstimateContext, place: Place): Promise<ShownEstimate> {
  const { way, resource, lands, shownTo, positions, tenantId } = context;
  const names = [...(lands ? [resource] : []), ...shownTo];
  const stretch = stretchOf(context, place, names);
  const { pages } = await look(context, place, stretch);
  const events = pages.flatMap((page) => itemsOf(records<unknown>(page)));
  const meetings = meetingsIn(events, { userId: place.item.id, tenantId }, stretch);
  const isSize = names.some((name) => !positions.has(positionKey(name, partitionOf(place))));
  return {
    requests: [{ method: 'GET', route: way.route, ids: place.ids, count: pages.length, isSize }],
    items: meetings,
    count: meetings.length,
  };
}
