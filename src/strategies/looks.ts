import { isOfAccount, namesMissingPermission } from '../errors/graph-refusals.ts';
import { isSluiceError } from '../errors/sluice-error.ts';
import { expandRoute } from '../graph/endpoint.ts';
import type { Page } from '../graph/types.ts';
import { positionKey } from '../lake/log/partition-key.ts';
import type { Position } from '../lake/types.ts';
import { canonicalId } from '../schema/guid.ts';
import { listingName, pageContext, partitionOf } from './context.ts';
import { recordLost, strategyErrors } from './errors.ts';
import { failureOf, gapOf, isDue as isDueAgain, isPageFailure } from './gaps.ts';
import { innerPages } from './inner-pages.ts';
import { itemsOf } from './items.ts';
import { accountOf, areIdsBuilt, askedId, isNoMeeting, type RunAccount, runMeetings } from './meeting-ids.ts';
import {
  afterLook,
  afterRead,
  isCut,
  isLookDue,
  type MeetingState,
  occurrenceOf,
  parseMeetingState,
  remembered,
  type Trace,
  toRead,
  withCalendar,
} from './meeting-looks.ts';
import { isBuilt, type Meeting, meetingOf } from './meetings.ts';
import { readAll } from './pages.ts';
import { isDamaged, records } from './records.ts';
import {
  type EstimateContext,
  type EstimatedRequests,
  type Item,
  type Looks,
  type Place,
  type ReadContext,
  type Reader,
  shapeOf,
} from './strategy.ts';

/**
 * Looks for what a meeting left behind, when it is time: one list for each meeting, however many occurrences it has, and each
 * record that is new once. What is known of the meeting is written down before anything is asked, so that what fails, or is
 * refused, is looked for again.
 */
export const reader: Reader = { read, estimate, partitionOf: listingName };

async function read(context: ReadContext, place: Place): Promise<void> {
  const meeting = meetingOf(place.item);
  const state = withCalendar(stateOf(context, place), meeting);
  save(context, place, state);
  if (!isDue(context, state)) return tellMissing(context, place, state);
  const account = accountOf(context.shared(runMeetings), place.parent!.item.id);
  if (account.first) await account.first;
  const name = context.resource;
  if (refusalOf(account, name) !== undefined) return tell(context, place, account);
  const looked = look(context, place, { meeting, state }).catch((error: unknown) => {
    if (isOfAccount(error)) account.refusal ??= error;
    else if (isOfCollection(context, error)) account.refusals.set(name, error);
    else {
      if (isPageFailure(error, context.signal)) save(context, place, unreadBy(context, state, error));
      throw error;
    }
  });
  account.first ??= looked.catch(() => undefined);
  await looked;
  if (refusalOf(account, name) !== undefined) tell(context, place, account);
}

/** The policy is of the account; a role that the application lacks is of all that it would read alike. */
const refusalOf = ({ refusal, refusals }: RunAccount, resource: string): unknown => refusal ?? refusals.get(resource);

/** What meetings leave behind is refused, and not only to look one up by its link. */
const isOfCollection = ({ way, details }: ReadContext, error: unknown): boolean =>
  namesMissingPermission(error) && [way.route, details?.route].includes(error.request?.route);

/** Names an account of which nothing can be read, once for each collection. */
function tell({ resource, skip }: ReadContext, { parent }: Place, account: RunAccount): void {
  if (account.told.has(resource)) return;
  account.told.add(resource);
  skip(refusalOf(account, resource), listingName(parent!));
}

/** Names what could not be read in earlier runs and is not tried in this one. */
function tellMissing(
  { resource, gap }: Pick<ReadContext, 'resource' | 'gap'>,
  place: Place,
  { failed, unread }: Pick<MeetingState, 'failed' | 'unread'>,
): void {
  const partition = listingName(place);
  if (unread !== undefined) gap(gapOf({ resource, partition }, { whole: true, failed: unread }));
  for (const [id, failure] of Object.entries(failed))
    gap(gapOf({ resource, partition: `${partition}/${id}` }, { whole: true, failed: failure }));
}

const unreadBy = ({ now }: Pick<ReadContext, 'now'>, state: MeetingState, error: unknown): MeetingState => ({
  ...state,
  unread: failureOf(error, state.unread, now()),
});

type Known = Pick<ReadContext, 'resource' | 'positions' | 'way' | 'now'>;

function stateOf({ resource, positions }: Pick<Known, 'resource' | 'positions'>, place: Place): MeetingState {
  const key = positionKey(resource, partitionOf(place));
  return parseMeetingState(key, positions.get(key));
}

/** A meeting itself is read when it is first seen, and again after some days in the calendar. */
function isDue({ way, now }: Pick<Known, 'way' | 'now'>, state: MeetingState): boolean {
  if (!way.looks!.isOfTheMeeting) return isLookDue(state, now());
  if (state.unread !== undefined) return isDueAgain({ failed: state.unread }, now());
  const isInCalendar = Object.keys(state.occurrences).length > 0;
  return isInCalendar && (state.lookedAt === undefined || now() - Date.parse(state.lookedAt) >= READ_AGAIN_MS);
}

const READ_AGAIN_MS = 7 * 86_400_000;

function save({ load, resource, now, untilMs }: ReadContext, place: Place, state: MeetingState): void {
  if (untilMs !== undefined) return;
  const kept = remembered(state, now());
  load.advance(
    resource,
    partitionOf(place),
    kept === undefined ? null : (JSON.parse(JSON.stringify(kept)) as Position),
  );
}

interface Looked {
  readonly meeting: Meeting;
  readonly state: MeetingState;
}

async function look(context: ReadContext, place: Place, { meeting, state }: Looked): Promise<void> {
  const { id, isAsked } = await idOf(context, place, { meeting, state });
  if (id === undefined) return settle(context, place, { state, pages: [], ids: place.ids });
  const named = isAsked ? { ...state, meetingId: id } : state;
  const ids = { ...place.ids, [context.gives!]: id };
  try {
    const pages = await listOf(context, ids);
    return await settle(context, place, { state: named, pages, ids });
  } catch (error) {
    if (!isNoMeeting(error)) throw error;
    // The id may be of another form, or have expired until somebody joins by the link.
    const again =
      isAsked || state.joinUrl === undefined
        ? undefined
        : await askedId(runOf(context), asking(context, place), state.joinUrl);
    if (again === undefined || again === id) return settle(context, place, { state: named, pages: [], ids });
    const other = { ...place.ids, [context.gives!]: again };
    const pages = await listOf(context, other).catch((second: unknown) => {
      if (isNoMeeting(second)) return [];
      throw second;
    });
    return settle(context, place, { state: { ...state, meetingId: again }, pages, ids: other });
  }
}

const runOf = ({ shared }: Pick<ReadContext, 'shared'>) => shared(runMeetings);

const asking = ({ graph, signal, way }: ReadContext, { parent }: Place) => ({
  graph,
  signal,
  lookUp: way.looks!.lookUp,
  ids: parent!.ids,
});

/** The id that Graph has for a meeting: made of its link, or asked for. Undefined: it knows none. */
async function idOf(
  context: ReadContext,
  place: Place,
  { meeting, state }: Looked,
): Promise<{ readonly id: string | undefined; readonly isAsked: boolean }> {
  if (state.meetingId !== undefined) return { id: state.meetingId, isAsked: true };
  const { joinUrl } = state;
  const ask = asking(context, place);
  const holds =
    isBuilt(meeting) &&
    (joinUrl === undefined ||
      state.lookedAt !== undefined ||
      (await areIdsBuilt(runOf(context), ask, { joinUrl, id: meeting.id })));
  if (holds || joinUrl === undefined) return { id: isBuilt(meeting) ? meeting.id : undefined, isAsked: false };
  return { id: await askedId(runOf(context), ask, joinUrl), isAsked: true };
}

function listOf({ graph, way, signal }: ReadContext, ids: Readonly<Record<string, string>>): Promise<Page[]> {
  return readAll(graph, { url: expandRoute(way, ids), route: way.route, ids, shape: shapeOf(way) }, signal);
}

interface Listed {
  readonly state: MeetingState;
  readonly pages: readonly Page[];
  readonly ids: Readonly<Record<string, string>>;
}

/** Lands what is new of a list, and writes down that it was looked at. */
async function settle(context: ReadContext, place: Place, { state, pages, ids }: Listed): Promise<void> {
  const { way, now } = context;
  const looks = way.looks!;
  const items = pages.flatMap((page) => itemsOf(records<unknown>(page)));
  if (looks.isOfTheMeeting) {
    // The lake would hold back what is written down of a page that is nothing but a bad record.
    if (pages.some(isDamaged)) return lose(context, place, state);
    for (const page of pages) await land(context, place, { ids, page });
    return save(context, place, afterRead(state, now()));
  }
  const all = items.map((item) => traceOf(item, looks));
  // In a channel all meetings have one list: those of others are theirs.
  const listed = state.isOfChannel ? all.filter((one) => occurrenceOf(one, state.occurrences) !== undefined) : all;
  const due = toRead(state, listed, now());
  if (isCut(state, all, looks.atMost))
    context.skip(strategyErrors.meeting_records_cut({ route: way.route, atMost: looks.atMost! }), listingName(place));
  const { read: done, failed } = await readRecords(context, place, { state, due, pages, ids });
  if (!pages.some(isDamaged))
    return save(context, place, afterLook(state, { listed, read: done, failed, nowMs: now() }));
  // Of a list with a record that cannot be read nobody knows what is new: it is looked at again.
  lose(context, place, { ...state, read: [...state.read, ...done], failed });
}

/** A record of what was read is no JSON. */
function lose(context: ReadContext, place: Place, state: MeetingState): void {
  const error = recordLost(context.way.route);
  context.skip(error, listingName(place));
  save(context, place, unreadBy(context, state, error));
}

async function readRecords(
  context: ReadContext,
  place: Place,
  { state, due, pages, ids }: Listed & { readonly due: readonly Trace[] },
): Promise<{ readonly read: ReadonlySet<string>; readonly failed: MeetingState['failed'] }> {
  const read = new Set<string>();
  if (context.details === undefined) {
    if (due.length > 0) for (const page of pages) await land(context, place, { ids, page });
    return { read: new Set(due.map(({ id }) => id)), failed: {} };
  }
  const names = new Set(due.map(({ id }) => id));
  const failed = Object.fromEntries(Object.entries(state.failed).filter(([id]) => !names.has(id)));
  tellMissing(context, place, { failed });
  for (const trace of due) {
    try {
      const eventId = occurrenceOf(trace, state.occurrences);
      await landWhole(context, place, { ids, id: trace.id, eventId });
      read.add(trace.id);
    } catch (error) {
      context.signal.throwIfAborted();
      if (!isSluiceError(error) || isOfAccount(error)) throw error;
      failed[trace.id] = failureOf(error, state.failed[trace.id], context.now());
      context.skip(error, `${listingName(place)}/${trace.id}`);
    }
  }
  return { read, failed };
}

/** Lands one record whole, with the further pages of the list inside of it. */
async function landWhole(
  context: ReadContext,
  place: Place,
  {
    ids,
    id,
    eventId,
  }: { readonly ids: Readonly<Record<string, string>>; readonly id: string; readonly eventId: string | undefined },
): Promise<void> {
  const { graph, details, signal, way, ownId } = context;
  const own = { ...ids, [ownId!]: id };
  const request = { url: expandRoute(details!, own), route: details!.route, ids: own, shape: 'single' } as const;
  const page = await graph.page(request, signal);
  if (isDamaged(page)) throw recordLost(details!.route);
  const known = eventId === undefined ? ids : { ...ids, 'event-id': eventId };
  const items = itemsOf(records<unknown>(page));
  const further = [];
  const inside = { way: { route: details!.route, inner: way.inner, beyond: way.beyond }, ids, gives: ownId };
  for await (const inner of innerPages(graph, inside, { page, items }, signal)) further.push(inner);
  await land(context, place, { ids: known, page });
  for (const inner of further) await land(context, place, { ids: inner.ids, page: inner.page });
  if (further.some((inner) => isDamaged(inner.page))) throw recordLost(details!.route);
}

async function land(
  { load, resource }: ReadContext,
  place: Place,
  { ids, page }: { readonly ids: Readonly<Record<string, string>>; readonly page: Page },
): Promise<void> {
  await load.append({
    resource,
    partition: partitionOf(place),
    context: pageContext(ids, page),
    bytes: page.bytes,
    readBefore: true,
  });
}

function traceOf(item: Item, { from, to, unfinished }: Looks): Trace {
  const [fromMs, toMs] = [item[from], item[to]].map((value) => Date.parse(String(value)));
  const beginMs = Number.isNaN(fromMs!) ? 0 : fromMs!;
  return {
    id: canonicalId(item.id),
    fromMs: beginMs,
    toMs: Number.isNaN(toMs!) ? beginMs : toMs!,
    isUnfinished: unfinished !== undefined && (item[unfinished] ?? 0) === 0,
  };
}

/** One list, where it is time to look, and what it will show: of a meeting never looked at one record for each occurrence that ended. */
async function estimate(context: EstimateContext, place: Place): Promise<readonly EstimatedRequests[]> {
  const { way, details } = context;
  const state = withCalendar(stateOf(context, place), meetingOf(place.item));
  if (!isDue(context, state)) return [];
  const once = { method: 'GET', ids: place.ids } as const;
  const ended = Object.values(state.occurrences).filter(
    ({ to, end }) => end === undefined && Date.parse(to) <= context.now(),
  );
  return [
    { ...once, route: way.route, count: 1, isSize: false },
    ...(details && ended.length > 0 ? [{ ...once, route: details.route, count: ended.length, isSize: true }] : []),
  ];
}
