import { GUID, isGuid } from '../runtime/guid.ts';

/**
 * An id as it is compared and kept: GUIDs (teams, users, apps, tenants) in lower case, everything else, such as the ids
 * of channels, as it came. The service answers GUIDs in any casing and takes them in any.
 *
 * @see https://learn.microsoft.com/en-us/graph/traverse-the-graph
 */
export const canonicalId = (id: string): string => (isGuid(id) ? id.toLowerCase() : id);

/** The same rule as SQL. Most ids are in lower case: only the others are looked at. */
export const canonicalIdSql = (id: string): string =>
  `CASE WHEN ${id} <> lower(${id}) THEN CASE WHEN length(${id}) = 36 AND regexp_full_match(${id}, '${GUID}') THEN lower(${id}) ELSE ${id} END ELSE ${id} END`;
