import type { GraphCall } from '../graph/call.ts';
import { recordPage } from '../graph/page.ts';
import { equalityFilter, pageSize, selectProperties, type Top } from '../graph/query-options.ts';
import type { GraphRoute } from '../graph/route.ts';

export type GraphRecord = Readonly<Record<string, unknown>>;

/** A list of small records, and the options it takes. */
export interface Listing {
  readonly pattern: string;
  readonly roles: readonly string[];
  readonly directory?: true | undefined;
  /** Graph's form of the path, as links and the context have it: `/teams('t')/members`. */
  readonly path: string | ((call: GraphCall) => string);
  /** Of the context, where it is not the path. */
  readonly context?: string | undefined;
  /** Whole records, before any option. */
  readonly records: (call: GraphCall) => readonly GraphRecord[];
  /** Properties that `$filter` compares; `own`: the records are filtered already. Without it the option is refused. */
  readonly filter?: readonly string[] | 'own' | undefined;
  /** Type of the records, as refusals name it. With it `$select` is taken. */
  readonly type?: string | undefined;
  /** What of a record comes without `$select`. Default: all. */
  readonly shown?: ((record: GraphRecord) => GraphRecord) | undefined;
  readonly expand?: readonly string[] | undefined;
  readonly orderby?: true | undefined;
  /** With it `$top` is taken. */
  readonly top?: Top | undefined;
  /** Of a page, without `top`. Default: what the twin's behaviour says of members. */
  readonly size?: number | undefined;
  /** When `@odata.count` comes: always, or when `$count` asks for it and this holds. Default: never. */
  readonly count?: 'always' | ((call: GraphCall) => boolean) | undefined;
}

/** The route of a list. Its options are checked, applied and paged here, for all lists alike. */
export function listRoute(listing: Listing): GraphRoute {
  const { pattern, roles, directory, expand, top, filter, type, shown = (record) => record } = listing;
  const takes = {
    $filter: filter !== undefined,
    $select: type !== undefined,
    $count: typeof listing.count === 'function',
    $orderby: listing.orderby === true,
  };
  const options = Object.keys(takes) as (keyof typeof takes)[];
  const handle = (call: GraphCall) => {
    const path = typeof listing.path === 'string' ? listing.path : listing.path(call);
    const keep = Array.isArray(filter) ? equalityFilter(call.query, filter) : () => true;
    const select = (record: GraphRecord) =>
      type !== undefined && call.query.has('$select') ? selectProperties(record, call.query, type) : shown(record);
    const records = listing.records(call).filter(keep).map(select);
    const size = top ? pageSize(call.query, top, call.behaviour) : (listing.size ?? call.behaviour.memberPageSize);
    const count =
      typeof listing.count === 'function'
        ? call.query.has('$count') && listing.count(call)
        : listing.count === 'always';
    return recordPage(call, { context: listing.context ?? path.slice(1), path, size, count }, records);
  };
  return { pattern, roles, directory, query: { top, expand, allowed: options.filter((name) => takes[name]) }, handle };
}
