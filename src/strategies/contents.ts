import { isSluiceError } from '../errors/sluice-error.ts';
import { expandRoute } from '../graph/endpoint.ts';
import type { FileHead } from '../graph/types.ts';
import type { NamedContent, NewContent } from '../lake/types.ts';
import { forEachLimited } from '../runtime/concurrency.ts';
import { listingName } from './context.ts';
import { strategyErrors } from './errors.ts';
import { failureOf, isDue } from './gaps.ts';
import { type Failure, instant } from './position.ts';
import type { EstimateContext, EstimatedRequests, NamedContents, ReadContext, Reader } from './strategy.ts';

/** Contents that are fetched side by side: the governor decides what is sent. */
const PARALLEL = 24;

/** The bytes that rows name and the lake does not have: one request each, in turns of the places that the service counts. */
export const reader: Reader = { read, estimate, partitionOf: listingName };

async function read(context: ReadContext): Promise<void> {
  const { way, load, signal, contents, resource } = context;
  const named = way.contents!;
  // What this run landed names contents too.
  await load.commit();
  const unread = new Map<string, number>();
  const open = contents.unkept(named.names, named.kept, { apart: named.apart, done: 'sha256' });
  await forEachLimited(open, PARALLEL, signal, async (row, inner) => {
    const code = await readOne({ ...context, signal: inner }, named, row);
    if (code !== undefined) unread.set(code, (unread.get(code) ?? 0) + 1);
  });
  for (const [code, count] of unread)
    context.skip(strategyErrors.hosted_contents_unread({ route: way.route, count, code, table: named.kept }), resource);
}

/** @returns why the content is not in the lake; undefined: it is, or nobody asked for it */
async function readOne(context: ReadContext, named: NamedContents, row: NamedContent): Promise<string | undefined> {
  const { route, ids } = requestOf(context.way.route, named, row.values);
  if (!context.isMeant(ids)) return undefined;
  const key = keyOf(named, row.values);
  // A clock that was ahead leaves later versions than now.
  const beforeMs = Date.parse(String(row.values['fetchedDateTime'] ?? '')) || 0;
  const at = instant(Math.max(context.now(), beforeMs + 1));
  if (!row.isNamed) {
    await land(context, { ...key, '@removed': { reason: 'deleted' } }, at);
    return undefined;
  }
  const before = failureBefore(row.values);
  if (!isDueAgain(context, before, row.values)) return before!.code;
  try {
    const kept = await fetched(context, { route, ids });
    await land(context, { ...key, ...kept }, at);
    return undefined;
  } catch (error) {
    context.signal.throwIfAborted();
    if (!isSluiceError(error) || error.surface !== 'graph' || error.code === 'permission_missing') throw error;
    const failed = failureOf(error, before, context.now());
    const tooLarge = isTooLarge(error)
      ? { limitBytes: context.contentLimitBytes, size: error.details['size'] ?? null }
      : {};
    const { code, since: failedSince, tries, retryAt } = failed;
    await land(context, { ...key, code, failedSince, tries, retryAt, ...tooLarge }, at);
    return code;
  }
}

async function fetched(
  { graph, contents, contentLimitBytes, signal }: ReadContext,
  { route, ids }: { readonly route: string; readonly ids: Readonly<Record<string, string>> },
) {
  let content: NewContent | undefined;
  let contentType: string | undefined;
  const receive = async (head: FileHead) => {
    // An attempt that broke off left a part.
    await content?.drop();
    const { size: said = null } = head;
    if ((said ?? 0) > contentLimitBytes) throw strategyErrors.hosted_content_too_large({ route, size: said });
    contentType = head.contentType;
    const opened = await contents.begin();
    content = opened;
    let size = 0;
    return async (piece: Uint8Array) => {
      size += piece.byteLength;
      if (size > contentLimitBytes) throw strategyErrors.hosted_content_too_large({ route, size: said });
      await opened.add(piece);
    };
  };
  try {
    await graph.file({ url: expandRoute({ route }, ids), route, ids }, receive, signal);
    return { contentType, ...(await content!.keep(signal)) };
  } catch (error) {
    await content?.drop();
    throw error;
  }
}

const isTooLarge = strategyErrors.hosted_content_too_large.is;

/** The route and the ids of the request for the content of a row. */
function requestOf(way: string, { ids, unlike }: NamedContents, values: Readonly<Record<string, unknown>>) {
  const isUnlike = unlike !== undefined && values[unlike.columns[0]] !== values[unlike.columns[1]];
  const route = isUnlike ? unlike.route : way;
  const named = Object.entries(ids).filter(([name]) => route.includes(`{${name}}`));
  return { route, ids: Object.fromEntries(named.map(([name, column]) => [name, plain(String(values[column] ?? ''))])) };
}

/** Ids come from addresses: what is escaped there is escaped once more in a request. */
function plain(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}

const keyOf = ({ ids }: NamedContents, values: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.values(ids).map((column) => [column, values[column]]));

function failureBefore(values: Readonly<Record<string, unknown>>): Failure | undefined {
  const { code, failedSince, tries, retryAt } = values;
  if (typeof code !== 'string') return undefined;
  return { code, since: instantOf(failedSince), tries: Number(tries ?? 1), retryAt: instantOf(retryAt) };
}

const instantOf = (value: unknown): string => instant(Date.parse(String(value ?? '')) || 0);

/** What is larger than was asked for is no failure of the service: it is asked for again when the limit is a larger one. */
function isDueAgain(
  { contentLimitBytes, now }: ReadContext,
  failed: Failure | undefined,
  { limitBytes }: Readonly<Record<string, unknown>>,
): boolean {
  if (failed !== undefined && limitBytes !== null && limitBytes !== undefined)
    return Number(limitBytes) < contentLimitBytes;
  return isDue({ failed }, now());
}

const land = (
  { load, resource }: ReadContext,
  record: Readonly<Record<string, unknown>>,
  fetchedDateTime: string,
): Promise<void> =>
  load.append({
    resource,
    partition: 'tenant',
    context: { fetchedAt: fetchedDateTime },
    bytes: new TextEncoder().encode(JSON.stringify({ value: [{ ...record, fetchedDateTime }] })),
    nested: false,
    readBefore: true,
  });

/** One request for each content that the lake's rows name. What a run finds new is named when it is read. */
async function estimate({ way, unkept }: EstimateContext): Promise<EstimatedRequests[]> {
  const named = way.contents!;
  return (await unkept(named)).map(({ values, isUnlike, count }) => {
    const route = isUnlike ? named.unlike!.route : way.route;
    const ids = Object.fromEntries(
      Object.entries(named.ids)
        .filter(([, column]) => column in values)
        .map(([name, column]) => [name, String(values[column])]),
    );
    return { method: 'GET', route, ids, count, isSize: false };
  });
}
