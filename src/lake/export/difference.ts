import type { Duck } from '../engine/duck.ts';
import { type ExportedRows, NO_ROWS } from './work.ts';

/** Two relations with the same columns, and which of these tell rows apart. */
export interface Compared {
  readonly before: string;
  readonly after: string;
  /** Quoted, comma-separated. */
  readonly key: string;
}

/** Which rows came, went, and are others now. What stands in both is neither, whatever file it is in. */
export async function differenceOf(
  duck: Duck,
  { before, after, key }: Compared,
  signal?: AbortSignal,
): Promise<ExportedRows> {
  const [found] = await duck.rows(
    `WITH old AS MATERIALIZED (${before}), new AS MATERIALIZED (${after}),
       gone AS MATERIALIZED (FROM old EXCEPT ALL FROM new), came AS MATERIALIZED (FROM new EXCEPT ALL FROM old)
     SELECT (SELECT count(*) FROM came)::INTEGER AS came, (SELECT count(*) FROM gone)::INTEGER AS gone,
       (SELECT count(*) FROM came SEMI JOIN gone USING (${key}))::INTEGER AS changed`,
    [],
    signal,
  );
  if (!found) return NO_ROWS;
  const changed = Number(found['changed']);
  return { added: Number(found['came']) - changed, changed, deleted: Number(found['gone']) - changed };
}
