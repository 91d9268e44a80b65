import { GraphRefusal, refusals } from '../protocol/graph-refusal.ts';
import type { GraphBehaviour } from './behaviour.ts';

/** How many rows a page has when `$top` says nothing, and when it says too much. */
export interface Top {
  readonly default: number;
  readonly maximum: number;
  /** The directory refuses what is above its maximum, in words of its own. */
  readonly isDirectory?: true | undefined;
}

/** Query options a route takes. */
export interface QueryRules {
  readonly top?: true | Top | undefined;
  readonly expand?: readonly string[] | undefined;
  readonly allowed?: readonly ('$select' | '$filter' | '$count' | '$orderby' | '$search')[];
}

const names = ['$top', '$skip', '$expand', '$select', '$filter', '$count', '$orderby', '$search', '$format'];
const paging = ['$skiptoken', '$deltatoken'];

/** Refuses what the route does not take, in the words of the ASP.NET OData library that Graph shows. */
export function checkQuery(query: URLSearchParams, rules: QueryRules): void {
  for (const name of query.keys()) {
    if (!name.startsWith('$') || paging.includes(name)) continue;
    if (!names.includes(name)) {
      throw new GraphRefusal(refusals.badRequest(`The query parameter '${name}' is not supported.`));
    }
    const taken =
      (name === '$top' && rules.top) ||
      (name === '$expand' && rules.expand) ||
      rules.allowed?.some((allowed) => allowed === name);
    if (!taken) throw new GraphRefusal(refusals.optionNotAllowed(optionTitle(name)));
  }
  const expand = query.get('$expand');
  if (expand !== null && !rules.expand?.includes(expand)) {
    throw new GraphRefusal({
      status: 400,
      code: 'ExpandNotSupported',
      message: `Expand is not allowed for property '${expand}' according to the entity schema.`,
    });
  }
}

const optionTitle = (name: string) => name.charAt(1).toUpperCase() + name.slice(2);

/** Rows per page that the query asks for. */
export function pageSize(query: URLSearchParams, top: Top, behaviour: Pick<GraphBehaviour, 'topAboveMaximum'>): number {
  const text = query.get('$top');
  if (text === null) return top.default;
  const value = Number(text);
  const isCount = Number.isInteger(value) && value >= 1;
  if (top.isDirectory && !(isCount && value <= top.maximum)) {
    throw new GraphRefusal(
      refusals.unsupportedQuery(
        `Invalid page size specified: '${text}'. Must be between 1 and ${top.maximum} inclusive.`,
      ),
    );
  }
  if (!isCount) {
    throw new GraphRefusal(refusals.badRequest(`Invalid value '${text}' for $top query option found.`));
  }
  if (value <= top.maximum) return value;
  if (behaviour.topAboveMaximum === 'clamped') return top.maximum;
  if (behaviour.topAboveMaximum === 'ignored') return top.default;
  throw new GraphRefusal(
    refusals.badRequest(
      `The limit of '${top.maximum}' for Top query has been exceeded. The value from the incoming request is '${value}'.`,
    ),
  );
}

/** Only the properties of `$select`, and the annotations, of each record. */
export function selectProperties<T extends Readonly<Record<string, unknown>>>(
  record: T,
  query: URLSearchParams,
  type: string,
): Readonly<Record<string, unknown>> {
  const select = query.get('$select');
  if (select === null) return record;
  const wanted = select.split(',').map((name) => name.trim());
  const entries = wanted.map((name) => {
    if (!(name in record)) {
      throw new GraphRefusal(refusals.badRequest(`Could not find a property named '${name}' on type '${type}'.`));
    }
    return [name, record[name]] as const;
  });
  const annotations = Object.entries(record).filter(([name]) => name.startsWith('@'));
  return Object.fromEntries([...annotations, ...(wanted.includes('id') ? [] : [['id', record['id']]]), ...entries]);
}

/** `property eq 'value'`: the one form of `$filter` on small collections. */
export function equalityFilter(
  query: URLSearchParams,
  properties: readonly string[],
): (record: Readonly<Record<string, unknown>>) => boolean {
  const filter = query.get('$filter');
  if (filter === null) return () => true;
  const parsed = /^\s*\(?\s*([\w./]+)\s+eq\s+(?:'((?:[^']|'')*)'|(true|false))\s*\)?\s*$/.exec(filter);
  const property = parsed?.[1]?.split('/').at(-1);
  if (!parsed || !property || !properties.includes(property)) {
    throw new GraphRefusal(refusals.badRequest('Invalid filter clause'));
  }
  const wanted = parsed[2]?.replaceAll("''", "'") ?? parsed[3];
  return (record) => String(record[property]).toLowerCase() === wanted!.toLowerCase();
}
