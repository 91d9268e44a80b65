import { collections } from '../collections/index.ts';
import { GraphRefusal, refusals } from '../protocol/graph-refusal.ts';
import { pathSegments, routePattern } from '../protocol/route-pattern.ts';
import type { GraphRoute } from './route.ts';

/** Every GET route the twin's Graph has. */
export const graphRoutes: readonly GraphRoute[] = collections.flatMap(({ routes }) => routes);

const compiled = graphRoutes
  .map((route) => ({ route, pattern: routePattern(route.pattern), length: pathSegments(route.pattern).length }))
  .sort((a, b) => b.pattern.weight - a.pattern.weight);

const known = new Set(graphRoutes.flatMap(({ pattern }) => pathSegments(pattern)).map((part) => part.toLowerCase()));

/** The route of a path and its named segments. Throws the 400 that Graph gives for a path it does not know. */
export function findRoute(method: string, path: string): { route: GraphRoute; ids: Readonly<Record<string, string>> } {
  const segments = pathSegments(path);
  for (const { route, pattern, length } of compiled) {
    const ids = length === segments.length ? pattern.match(segments) : undefined;
    if (!ids) continue;
    if (method === 'GET') return { route, ids };
    throw new GraphRefusal({
      status: 405,
      code: 'BadRequest',
      message: `Specified HTTP method is not allowed for the request target.`,
    });
  }
  const unknown = segments.findLast((segment) => !known.has(segment.toLowerCase())) ?? segments.at(-1) ?? '';
  throw new GraphRefusal(refusals.segment(unknown));
}
