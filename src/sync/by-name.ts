import { isSluiceError } from '../errors/sluice-error.ts';
import { expandRoute } from '../graph/endpoint.ts';
import type { GraphClient, PageRequest } from '../graph/types.ts';
import { resources } from '../resources/index.ts';
import type { Resource } from '../resources/types.ts';
import { canonicalId } from '../schema/guid.ts';
import { records } from '../strategies/records.ts';
import { runErrors } from './errors.ts';
import { skippedPartition, unnamedRecord } from './outcomes.ts';
import type { SkippedPartition } from './report.ts';
import { type AskedNames, SCOPES, scopeNames } from './scope.ts';

/** The records that a run is about, by their ids alone. */
export interface FoundNames {
  readonly names: AskedNames;
  /** Ids by the names that were given for them; an id is its own. */
  readonly ids: ReadonlyMap<string, string>;
  /** Those that nobody could find the id of: one of them stops none of the others. */
  readonly skipped: readonly SkippedPartition[];
}

/** What came of one name. */
interface Finding {
  readonly given: string;
  /** Undefined: nothing has this name, or why is in `error`. */
  readonly id?: string | undefined;
  readonly error?: unknown;
}

/**
 * Puts ids in the place of names, where a collection says how its records are found by one. One request for each.
 *
 * @throws SluiceError `unknown_names` when none of them is there; what refused all of them
 */
export async function idsOfNames(
  graph: Pick<GraphClient, 'page'>,
  names: AskedNames,
  signal: AbortSignal,
): Promise<FoundNames> {
  const ids = new Map<string, string>();
  const skipped: SkippedPartition[] = [];
  const found = { ...names };
  for (const name of scopeNames) {
    const collection = resources.find(({ gives, byName }) => gives === SCOPES[name] && byName !== undefined);
    const given = [...new Set(names[name])];
    if (collection === undefined) continue;
    const [named, byId] = [true, false].map((is) => given.filter((one) => isName(collection, one) === is));
    for (const id of byId!) ids.set(id, canonicalId(id));
    if (named!.length === 0) continue;
    const findings = await Promise.all(given.map((one) => find(graph, collection, one, signal)));
    for (const { given: by, id } of findings) if (id !== undefined) ids.set(by, canonicalId(id));
    const lost = findings.filter(({ id }) => id === undefined);
    const skips = lost.map((one) => skipOf(collection, one, signal));
    found[name] = findings.flatMap(({ id }) => id ?? []);
    if (found[name].length === 0) throw lost.find(({ error }) => error)?.error ?? nobody(collection, given);
    skipped.push(...skips);
  }
  return { names: found, ids, skipped };
}

const isName = ({ byName }: Resource, given: string): boolean => byName !== undefined && given.includes(byName.sign);

async function find(
  graph: Pick<GraphClient, 'page'>,
  collection: Resource,
  given: string,
  signal: AbortSignal,
): Promise<Finding> {
  if (!isName(collection, given)) return { given, id: given };
  const { gives, byName } = collection;
  const ids = { [gives!]: given };
  const request: PageRequest = { url: expandRoute(byName!, ids), route: byName!.route, ids, shape: 'single' };
  try {
    const [record] = records<{ readonly id?: unknown }>(await graph.page(request, signal));
    return typeof record?.id === 'string' ? { given, id: record.id } : { given };
  } catch (error) {
    return isNobody(error) ? { given } : { given, error };
  }
}

/** The service's word that there is none. What it says of a name that it cannot read comes to the same. */
const isNobody = (error: unknown): boolean => isSluiceError(error) && error.recovery === 'skip';

const nobody = ({ name }: Resource, given: readonly string[]) =>
  runErrors.unknown_names({ collection: name, given: [...given] });

function skipOf(collection: Resource, { given, error }: Finding, signal: AbortSignal): SkippedPartition {
  return error === undefined
    ? unnamedRecord(collection, given)
    : skippedPartition(error, collection.name, given, signal);
}
