import { isSluiceError } from '../../errors/sluice-error.ts';
import { exhausted } from '../engine/exhausted.ts';
import { damageError } from '../tables/damage.ts';
import { queryErrors } from './query-errors.ts';
import type { CheckedQuery } from './query-guard.ts';
import type { Snapshot } from './snapshot.ts';

/** What DuckDB says when a file is gone, cut or foreign. */
const ABOUT_FILES =
  /^(IO|Invalid|Serialization|Internal) Error|no files found|cannot open|parquet|thrift|zstd|decompress|invalid string encoding/i;

/** Turns what DuckDB says into an error of the lake's. Paths of this machine stay out of it; names of the lake's files stay in. */
export async function explained(
  error: unknown,
  context: { readonly snapshot: Snapshot; readonly checked: CheckedQuery },
): Promise<unknown> {
  const { snapshot, checked } = context;
  if (isSluiceError(error)) return error;
  const text = error instanceof Error ? error.message : String(error);
  if (/^(\w+ to \w+ \w+: )?Permission Error/.test(text) || /disabled by configuration/.test(text)) {
    return queryErrors.query_outside_lake({
      problem: 'The query reaches for a file or an address outside of the lake.',
    });
  }
  if (checked.writes !== undefined)
    return queryErrors.query_not_read_only({ problem: `${checked.writes.toUpperCase()} is not a query.` });
  const spent = exhausted(error);
  if (spent) return spent;
  if (ABOUT_FILES.test(text)) {
    const damage = await snapshot.damage();
    if (damage) return damageError(damage);
  }
  return queryErrors.query_failed({ problem: withoutPaths(text, snapshot) }, { cause: error });
}

function withoutPaths(text: string, { files }: Snapshot): string {
  return files.reduce((rest, { localPath, path }) => rest.replaceAll(localPath, path), text);
}
