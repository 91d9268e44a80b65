import { isOfAccount } from '../errors/graph-refusals.ts';
import { isSluiceError } from '../errors/sluice-error.ts';
import type { Endpoint } from '../graph/endpoint.ts';
import { expandRoute } from '../graph/endpoint.ts';
import type { GraphClient } from '../graph/types.ts';
import { itemsOf } from './items.ts';
import { records } from './records.ts';
import type { RunSlot } from './strategy.ts';

/** What a meeting is asked for with. */
export interface Asking {
  readonly graph: GraphClient;
  readonly signal: AbortSignal;
  readonly lookUp: Endpoint;
  /** Of the account. */
  readonly ids: Readonly<Record<string, string>>;
}

/** What a run knows of ids of meetings and of the accounts that they belong to, whatever it reads of them. */
export interface RunMeetings {
  /** Whether ids that are made of links are those of Graph; undefined: nobody has asked yet. */
  selfTest: Promise<boolean | undefined> | undefined;
  /** Ids that were asked for, by link. */
  readonly asked: Map<string, Promise<string | undefined>>;
  readonly accounts: Map<string, RunAccount>;
}

/** One account in a run. */
export interface RunAccount {
  /** Ends with the first answer of a meeting: until then no other is asked for. */
  first: Promise<void> | undefined;
  /** Why none of its meetings can be read. */
  refusal: unknown;
  /** The same of one collection: another role is needed for each. */
  readonly refusals: Map<string, unknown>;
  /** Collections for which the refusal is named already. */
  readonly told: Set<string>;
}

export const runMeetings: RunSlot<RunMeetings> = {
  make: () => ({ selfTest: undefined, asked: new Map(), accounts: new Map() }),
};

export function accountOf({ accounts }: RunMeetings, userId: string): RunAccount {
  const known = accounts.get(userId) ?? {
    first: undefined,
    refusal: undefined,
    refusals: new Map<string, unknown>(),
    told: new Set<string>(),
  };
  accounts.set(userId, known);
  return known;
}

/**
 * Whether the id that is made of a link is the one that Graph has: asked once in a run, of the first meeting that tells. One
 * that Graph does not find tells nothing.
 */
export async function areIdsBuilt(
  run: RunMeetings,
  asking: Asking,
  { joinUrl, id }: { readonly joinUrl: string; readonly id: string },
): Promise<boolean> {
  if (run.selfTest !== undefined) return (await run.selfTest) ?? true;
  const asked = askedId(run, asking, joinUrl);
  run.selfTest = asked.then(
    (found) => (found === undefined ? undefined : found === id),
    (error: unknown) => {
      // Another account may tell.
      if (isOfAccount(error)) run.selfTest = undefined;
      return undefined;
    },
  );
  const answer = await run.selfTest;
  // What the look-up is not allowed, or cannot do now, says nothing of ids.
  await asked.catch((error: unknown) => {
    if (asking.signal.aborted || !isSluiceError(error) || isOfAccount(error)) throw error;
  });
  return answer ?? true;
}

/** The id that Graph gives a meeting, by its link; undefined: it finds none. */
export function askedId(run: RunMeetings, asking: Asking, joinUrl: string): Promise<string | undefined> {
  const known = run.asked.get(joinUrl);
  if (known) return known;
  const asked = lookUp(asking, joinUrl);
  run.asked.set(joinUrl, asked);
  return asked;
}

/** @see https://learn.microsoft.com/en-us/graph/api/onlinemeeting-get#example-3-retrieve-an-online-meeting-by-joinweburl */
async function lookUp({ graph, signal, lookUp: endpoint, ids }: Asking, joinUrl: string): Promise<string | undefined> {
  const filter = `JoinWebUrl eq '${joinUrl.replaceAll("'", "''")}'`;
  const url = `${expandRoute(endpoint, ids)}?$filter=${encodeURIComponent(filter)}`;
  try {
    const page = await graph.page({ url, route: endpoint.route, ids, attempts: 2 }, signal);
    return itemsOf(records<unknown>(page))[0]?.id;
  } catch (error) {
    if (isNoMeeting(error)) return undefined;
    throw error;
  }
}

/** Graph knows no such meeting, or none of this account. */
export const isNoMeeting = (error: unknown): boolean => isSluiceError(error) && NO_MEETING.has(error.code);

const NO_MEETING: ReadonlySet<string> = new Set(['not_found', 'meeting_unresolved']);
