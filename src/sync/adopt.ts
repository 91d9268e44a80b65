import { isSluiceError } from '../errors/sluice-error.ts';
import type { GraphSource } from '../graph/types.ts';
import type { Lake } from '../lake/types.ts';
import { pathTo, type Resource } from '../resources/types.ts';
import { isOwnLake, nameOf, sourceFact, sourceOf, topsOf } from './lake-source.ts';
import type { Places } from './places.ts';
import { tenantPlace } from './tree.ts';

interface Adoption {
  readonly lake: Lake;
  readonly source: GraphSource | undefined;
  readonly places: Places;
  /** Collections that the run lists. */
  readonly levels: Iterable<Resource>;
}

/**
 * Compares a lake that does not say whose rows it holds with what the tenant lists, and lets it say so.
 *
 * @returns whose it was found to be; undefined: it said so before, or nothing tells
 * @throws SluiceError `lake_of_another_tenant`
 */
export async function adopt(
  { lake, source, places, levels }: Adoption,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (source === undefined || lake.version === 0 || sourceOf(lake.facts) !== undefined) return undefined;
  const known = topsOf(lake.positions());
  const planned = [...levels].filter((collection) => pathTo(collection).length === 1);
  const compared = [...new Set([...planned, ...known.map(({ collection }) => collection)])];
  if (compared.length === 0) return undefined;
  const found = await Promise.all(compared.map((collection) => seen(collection, places, signal)));
  const listed = {
    ids: found.flatMap(({ ids }) => ids),
    isComplete: found.every(({ isComplete }) => isComplete),
    of: compared.map(({ name }) => name),
  };
  if (!isOwnLake(known, listed, source)) return undefined;
  await lake.note(sourceFact(source));
  return nameOf(source);
}

/** The records of the tenant that can be seen. What is refused tells nothing here: the walk names it. */
async function seen(
  collection: Resource,
  places: Places,
  signal: AbortSignal,
): Promise<{ readonly ids: readonly string[]; readonly isComplete: boolean }> {
  try {
    const records = await places.all(collection, tenantPlace);
    return { ids: records.map(({ item }) => item.id), isComplete: places.isListed(collection, tenantPlace) };
  } catch (error) {
    if (signal.aborted || !isSluiceError(error)) throw error;
    return { ids: [], isComplete: false };
  }
}
