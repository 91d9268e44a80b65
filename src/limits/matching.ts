import { graphLimits, type LimitRow, type LimitScope } from './graph-limits.ts';
import type { LimitedRequest } from './limited-request.ts';
import { resourceUnits } from './resource-units.ts';

/** One window that a request counts against. */
export interface Charge {
  readonly row: LimitRow;
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

/** Finds the windows that apply: those of the most specific route pattern, and the ones for all routes. */
export function createMatcher(
  options: { readonly limits?: readonly LimitRow[]; readonly tenantSize?: TenantSize } = {},
) {
  const size = options.tenantSize ?? 'S';
  const rows = (options.limits ?? graphLimits).filter((row) => (SIZED_ROW.exec(row.id)?.[1] ?? size) === size);
  const byRoute = new Map<string, readonly LimitRow[]>();
  const rowsFor = (method: string, route: string) => {
    const name = `${method} ${route}`;
    const known = byRoute.get(name);
    if (known) return known;
    const found = mostSpecific(rows, method, route);
    byRoute.set(name, found);
    return found;
  };
  return (request: LimitedRequest): Charge[] =>
    rowsFor(request.method, request.route).flatMap((row) => {
      const parameters = SCOPE_PARAMETERS[row.scope];
      const value = parameters.map((name) => request.ids?.[name]).find((id) => id !== undefined);
      if (parameters.length > 0 && value === undefined) return [];
      return [
        { row, key: `${row.id} ${value ?? ''}`, cost: row.unit === 'resourceUnits' ? resourceUnits(request) : 1 },
      ];
    });
}

function mostSpecific(rows: readonly LimitRow[], method: string, route: string): LimitRow[] {
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
