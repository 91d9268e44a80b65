import {
  graphLimits,
  isConcurrency,
  isWindow,
  type LimitRow,
  type LimitScope,
  type WindowRow,
} from './graph-limits.ts';
import type { LimitedRequest } from './limited-request.ts';
import { resourceUnits } from './resource-units.ts';

/** One window that a request counts against. */
export interface Charge {
  readonly row: WindowRow;
  /** Row and the value it is counted per. */
  readonly key: string;
  readonly cost: number;
}

/**
 * Size of the tenant for the identity limits: S up to 50 users, M up to 500, L above.
 *
 * @see https://learn.microsoft.com/en-us/graph/throttling-limits#identity-and-access-service-limits
 */
export type TenantSize = 'S' | 'M' | 'L';

/** The route parameters that hold the value a scope is counted per; none: one window for all requests of the row. */
const SCOPE_PARAMETERS: Readonly<Record<LimitScope, readonly string[]>> = {
  app: [],
  'app-tenant': [],
  tenant: [],
  'call-records-list': [],
  collection: [],
  'call-record': ['call-id', 'call-record-id', 'id'],
  channel: ['channel-id'],
  chat: ['chat-id'],
  'chat-or-channel': ['channel-id', 'chat-id'],
  mailbox: ['user-id'],
  team: ['team-id'],
  user: ['user-id'],
};

const EVERY_ROUTE = '/**';
const SIZED_ROW = /\.([SML])$/;

/** So many requests of one kind at the same time. */
export interface Hold {
  readonly key: string;
  readonly limit: number;
}

/** Finds the windows that apply: those of the most specific route pattern, and the ones for all routes. */
export function createMatcher(
  options: { readonly limits?: readonly LimitRow[]; readonly tenantSize?: TenantSize } = {},
) {
  const size = options.tenantSize ?? 'S';
  const limits = (options.limits ?? graphLimits).filter(isWindow);
  const applied = rowsFor(limits.filter((row) => (SIZED_ROW.exec(row.id)?.[1] ?? size) === size));
  return (request: LimitedRequest): Charge[] =>
    applied(request).map(({ row, key }) => ({
      row,
      key,
      cost: row.unit === 'resourceUnits' ? resourceUnits(request) : 1,
    }));
}

/** Finds what bounds the requests that are under way. */
export function createHoldMatcher({
  limits = graphLimits,
}: {
  readonly limits?: readonly LimitRow[] | undefined;
} = {}) {
  const applied = rowsFor(limits.filter(isConcurrency));
  return (request: LimitedRequest): Hold[] => applied(request).map(({ row: { limit }, key }) => ({ key, limit }));
}

/** The rows of a request, with the value that each is counted per. */
function rowsFor<Row extends LimitRow>(
  rows: readonly Row[],
): (request: LimitedRequest) => { readonly row: Row; readonly key: string }[] {
  const byRoute = new Map<string, readonly Row[]>();
  const ofRoute = (method: string, route: string) => {
    const name = `${method} ${route}`;
    const known = byRoute.get(name);
    if (known) return known;
    const found = mostSpecific(rows, method, route);
    byRoute.set(name, found);
    return found;
  };
  return (request) =>
    ofRoute(request.method, request.route).flatMap((row) => {
      const parameters = SCOPE_PARAMETERS[row.scope];
      const value = parameters.map((name) => request.ids?.[name]).find((id) => id !== undefined);
      return parameters.length > 0 && value === undefined ? [] : [{ row, key: `${row.id} ${value ?? ''}` }];
    });
}

function mostSpecific<Row extends LimitRow>(rows: readonly Row[], method: string, route: string): Row[] {
  const ofMethod = rows.filter(({ methods }) => methods.includes('ANY') || methods.includes(method));
  const patterns = [...new Set(ofMethod.flatMap((row) => row.routes))].filter((pattern) => matches(pattern, route));
  const [best] = patterns.filter((pattern) => pattern !== EVERY_ROUTE).sort((a, b) => specificity(b) - specificity(a));
  return ofMethod.filter(({ routes }) => routes.includes(EVERY_ROUTE) || (best !== undefined && routes.includes(best)));
}

/** `{x}` is one segment, `/**` any number of further ones, `(**)` the arguments of a function. */
export function matches(pattern: string, route: string): boolean {
  const expression = pattern
    .split('/')
    .slice(1)
    .map((segment) => {
      if (segment === '**') return '(?:/[^/]+)*';
      if (/^\{[^}]+\}$/.test(segment)) return '/[^/]+';
      return `/${segment.split('(**)').map(escapeRegExp).join('\\([^)]*\\)')}`;
    })
    .join('');
  return new RegExp(`^${expression}$`, 'i').test(route);
}

const escapeRegExp = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Literal segments weigh most, then parameters; a wildcard loses against anything more exact. */
function specificity(pattern: string): number {
  return pattern
    .split('/')
    .slice(1)
    .reduce((sum, segment) => sum + (segment === '**' ? -1 : /^\{/.test(segment) ? 10 : 100), 0);
}
