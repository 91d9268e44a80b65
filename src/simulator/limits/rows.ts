import { graphLimits, type LimitRow, type LimitScope, type WindowRow } from '../../limits/graph-limits.ts';
import { decodeSegment, pathSegments, type RoutePattern, routePattern } from '../protocol/route-pattern.ts';

/** The call that limits are weighed for. */
export interface WeighedCall {
  readonly method: string;
  /** Path below the version root. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly clientId: string;
  readonly tenantId: string;
}

/** A row that applies to a call, with the key its window is kept under. */
export interface AppliedRow {
  readonly row: WindowRow;
  readonly key: string;
  readonly weight: number;
}

/** Several scopes count the same thing; the most specific row of one dimension decides. */
const dimension: Partial<Record<LimitScope, string>> = { channel: 'place', chat: 'place', 'chat-or-channel': 'place' };

const EVERY_ROUTE = '/**';

const withPatterns = <Row extends LimitRow>(row: Row) =>
  row.routes.map((text) => ({ row, pattern: routePattern(text) }));
const compiled = graphLimits.flatMap((row) => (row.unit === 'concurrentRequests' ? [] : withPatterns(row)));
const atOnce = graphLimits.flatMap((row) => (row.unit === 'concurrentRequests' ? withPatterns(row) : []));

/** `channels/getAllMessages` and its kind stand where a channel id stands. */
const isFunction = (id: string | undefined) => id !== undefined && /^(get)?all\w*messages$/i.test(id);

/** The size class of a directory, as the identity limits name it. */
export function directorySize(users: number): 'S' | 'M' | 'L' {
  if (users < 50) return 'S';
  return users <= 500 ? 'M' : 'L';
}

const isOtherSize = (row: LimitRow, size: string) => /\.[SML]$/.test(row.id) && !row.id.endsWith(`.${size}`);

/**
 * The rows that weigh a call: per service and dimension the one whose route is the most specific, so that a route
 * without a row of its own falls under the service's default rows.
 */
export function rowsOf(call: WeighedCall, size: 'S' | 'M' | 'L'): AppliedRow[] {
  const segments = pathSegments(call.path);
  const best = new Map<string, Match>();
  for (const { row, pattern } of compiled) {
    if (!row.methods.includes('ANY') && !row.methods.includes(call.method)) continue;
    if (isOtherSize(row, size)) continue;
    const ids = pattern.match(segments);
    if (!ids || isFunction(ids['channel-id']) || isFunction(ids['chat-id'])) continue;
    const slot = `${row.source} ${row.unit} ${dimension[row.scope] ?? row.scope}`;
    const known = best.get(slot);
    if (!known || pattern.weight > known.pattern.weight) best.set(slot, { row, pattern, ids });
  }
  return ofOneService([...best.values()]).flatMap(({ row, ids }) => {
    const key = scopeKey(row.scope, call, placeIds(segments, ids));
    return key === undefined ? [] : [{ row, key: `${row.id} ${key}`, weight: weightOf(row, call) }];
  });
}

/** How many calls of its kind may be under way beside a call, itself among them. */
export function holdsOf(call: WeighedCall): readonly { readonly key: string; readonly limit: number }[] {
  const segments = pathSegments(call.path);
  return atOnce.flatMap(({ row, pattern }) => {
    const ids = row.methods.includes('ANY') || row.methods.includes(call.method) ? pattern.match(segments) : undefined;
    const key = ids && scopeKey(row.scope, call, ids);
    return key === undefined ? [] : [{ key: `${row.id} ${key}`, limit: row.limit }];
  });
}

interface Match {
  readonly row: WindowRow;
  readonly pattern: RoutePattern;
  readonly ids: Readonly<Record<string, string>>;
}

/** Chats are listed below a user, and are no directory call: the service whose route says most weighs the call. */
function ofOneService(matches: readonly Match[]): readonly Match[] {
  const own = matches.filter(({ pattern }) => pattern.text !== EVERY_ROUTE);
  const best = own.reduce<Match | undefined>((a, b) => (a && a.pattern.weight >= b.pattern.weight ? a : b), undefined);
  return matches.filter(({ row, pattern }) => pattern.text === EVERY_ROUTE || row.source === best?.row.source);
}

/** Default rows end in `**`: the ids then stand in the path itself. */
function placeIds(
  segments: readonly string[],
  ids: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const [collection, first, second, third] = segments.map(decodeSegment);
  const chat = collection?.toLowerCase() === 'chats' ? first : second?.toLowerCase() === 'chats' ? third : undefined;
  if (chat !== undefined && !isFunction(chat)) return { 'chat-id': chat, ...ids };
  if (collection?.toLowerCase() !== 'teams' || first === undefined) return ids;
  const inChannel = second?.toLowerCase() === 'channels' && third !== undefined && !isFunction(third);
  return { 'team-id': first, ...(inChannel && { 'channel-id': third }), ...ids };
}

/** Undefined: the scope does not apply to this call (a user's window needs a delegated token, which the twin has not). */
function scopeKey(
  scope: LimitScope,
  call: WeighedCall,
  ids: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const appTenant = `${call.clientId} ${call.tenantId}`;
  const within = (id: string | undefined) => (id === undefined ? undefined : `${appTenant} ${id}`);
  switch (scope) {
    case 'app':
      return call.clientId;
    case 'tenant':
      return call.tenantId;
    case 'app-tenant':
    case 'call-records-list':
      return appTenant;
    case 'team':
      return within(ids['team-id']);
    case 'channel':
    case 'chat':
    case 'chat-or-channel':
      return within(ids['channel-id'] ?? ids['chat-id']);
    case 'mailbox':
      return within(ids['user-id']);
    case 'user':
    case 'call-record':
    case 'collection':
      return undefined;
  }
}

/**
 * Resource units of a directory call: 2 for a list of users, 5 for all members of a group, else 1; `$select` saves one, `$expand` costs one, `$top`
 * under 20 saves one; never below 1.
 *
 * @see https://learn.microsoft.com/en-us/graph/throttling-limits#identity-and-access-service-limits
 */
export function resourceUnits(path: string, query: URLSearchParams): number {
  const base = path.toLowerCase() === '/users' ? 2 : /^\/groups\/[^/]+\/transitiveMembers\b/i.test(path) ? 5 : 1;
  const top = query.get('$top');
  const saved = (query.has('$select') ? 1 : 0) + (top !== null && Number(top) < 20 ? 1 : 0);
  return Math.max(1, base + (query.has('$expand') ? 1 : 0) - saved);
}

const weightOf = (row: WindowRow, call: WeighedCall): number =>
  row.unit === 'resourceUnits' ? resourceUnits(call.path, call.query) : 1;

/** The name requests are counted under: the row's id without its scope. */
export const limitClass = (row: LimitRow): string => row.id.slice(0, row.id.lastIndexOf(`.${row.scope}`));
