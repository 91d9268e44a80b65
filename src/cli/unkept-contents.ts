import { openReader } from '../lake/query/query.ts';
import type { ObjectStore } from '../lake/stores/object-store.ts';
import { identifier, identifiers } from '../schema/sql.ts';
import type { NamedContents, UnkeptCount } from '../strategies/strategy.ts';
import { tables } from '../tables/index.generated.ts';

/** How many contents the rows of a lake name that it does not have, by the places that the service counts. */
export async function unkeptContents(
  store: ObjectStore,
  { names, kept, apart, unlike, ids }: NamedContents,
  signal: AbortSignal,
): Promise<readonly UnkeptCount[]> {
  await using reader = await openReader({ store, tables });
  const isUnlike = unlike ? `${unlike.columns.map(identifier).join(' <> ')}` : 'false';
  const { columns, rows } = await reader.query(
    `SELECT ${identifiers(apart)}, ${isUnlike} AS is_unlike, count(*) AS n
     FROM ${names} ANTI JOIN (SELECT ${identifiers(Object.values(ids))} FROM ${kept} WHERE sha256 IS NOT NULL) AS kept
       USING (${identifiers(Object.values(ids))})
     GROUP BY ALL ORDER BY ALL`,
    signal,
  );
  return rows.map((row) => {
    const values = Object.fromEntries(columns.map((name, at) => [name, row[at]]));
    const { is_unlike: unlikeOnes, n: count, ...place } = values;
    return { values: place, isUnlike: unlikeOnes === true, count: Number(count) };
  });
}
