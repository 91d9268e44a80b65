import { isGuid } from '../runtime/guid.ts';

/**
 * An id as it is compared and kept: GUIDs (teams, users, apps, tenants) in lower case, everything else, such as the ids
 * of channels, as it came. The service answers GUIDs in any casing and takes them in any.
 *
 * @see https://learn.microsoft.com/en-us/graph/traverse-the-graph
 */
export const canonicalId = (id: string): string => (isGuid(id) ? id.toLowerCase() : id);

/**
 * The same rule as SQL: DuckDB writes a UUID as a GUID in lower case, and binds and compares that at half the cost of a
 * pattern. Most ids are in lower case: only the others are looked at. The id is named as seldom as can be: it may be a long
 * expression, and a statement of hundreds of ids is bound anew for every segment.
 */
export const canonicalIdSql = (id: string): string =>
  `CASE WHEN ${id} = lower(${id}) OR lower(${id}) IS DISTINCT FROM CAST(TRY_CAST(${id} AS UUID) AS VARCHAR) THEN ${id} ELSE lower(${id}) END`;
