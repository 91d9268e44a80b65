import type { GraphSource } from '../graph/types.ts';
import { splitKey } from '../lake/log/partition-key.ts';
import { SOURCE_FACT } from '../lake/log/tenants.ts';
import type { PartitionKey, Position } from '../lake/types.ts';
import { resources } from '../resources/index.ts';
import { kindOf, pathTo, type Resource } from '../resources/types.ts';
import { placeRead } from '../strategies/positions.ts';
import { runErrors } from './errors.ts';

type Facts = Readonly<Record<string, unknown>>;

/** Whose rows the lake holds; undefined: it is empty, or older than this fact. */
export function sourceOf(facts: Facts): GraphSource | undefined {
  const stored = facts[SOURCE_FACT];
  if (typeof stored !== 'object' || stored === null || !('tenantId' in stored) || !('cloud' in stored))
    return undefined;
  const { tenantId, cloud } = stored;
  return typeof tenantId === 'string' && typeof cloud === 'string' ? { tenantId, cloud } : undefined;
}

/** Facts that say it. */
export const sourceFact = (source: GraphSource): Facts => ({ [SOURCE_FACT]: source });

/**
 * A lake holds the rows of one tenant: what another one does not list would be deleted.
 *
 * @param source - undefined: not known, as with a ready source of tokens whose tenant cannot be read
 * @throws SluiceError `lake_of_another_tenant`
 */
export function refuseAnotherTenant(facts: Facts, source: GraphSource | undefined): void {
  const stored = sourceOf(facts);
  if (stored === undefined || source === undefined || nameOf(stored) === nameOf(source)) return;
  throw anotherTenant(`holds the rows of ${nameOf(stored)}; the credentials are for ${nameOf(source)}`, stored, source);
}

/** A record of the tenant that a position is of, or below. */
export interface Top {
  readonly collection: Resource;
  readonly id: string;
}

/** The records of the tenant that positions name. What several of them list tells none. */
export function topsOf(positions: ReadonlyMap<PartitionKey, Position>): readonly Top[] {
  return [...positions.keys()].flatMap((key) => {
    const resource = resources.find(({ name }) => name === splitKey(key).resource);
    const place = placeRead(key);
    const path = resource ? pathTo(resource) : [];
    const depth = path.findIndex((level) => kindOf(level) === place?.kind) + 1;
    const [collection] = path;
    const [id] = place?.ids ?? [];
    const isShared = path.slice(0, depth).some(({ shared }) => shared);
    return depth > 0 && !isShared && collection && id !== undefined ? [{ collection, id }] : [];
  });
}

/**
 * The same for a lake that does not say whose rows it holds: it was written before lakes did, or with tokens that did not
 * tell. It belongs to whoever has one of the records of the tenant that its positions name.
 *
 * @returns true: the lake is this tenant's
 * @throws SluiceError `lake_of_another_tenant`
 */
export function isOwnLake(
  tops: readonly Top[],
  listed: { readonly of: readonly string[]; readonly ids: readonly string[]; readonly isComplete: boolean },
  source: GraphSource,
): boolean {
  const known = new Set(tops.map(({ id }) => lower(id)));
  if (known.size === 0 || listed.ids.some((id) => known.has(lower(id)))) return true;
  if (!listed.isComplete) return false;
  throw anotherTenant(`holds ${listed.of.join(', ')} of which ${nameOf(source)} has none`, undefined, source);
}

const lower = (text: string): string => text.toLowerCase();
/** The tenant and its cloud, as people read them. */
export const nameOf = ({ tenantId, cloud }: GraphSource): string => `tenant ${lower(tenantId)} (${cloud})`;

function anotherTenant(what: string, stored: GraphSource | undefined, source: GraphSource) {
  return runErrors.lake_of_another_tenant({ what, stored: stored ? nameOf(stored) : 'unknown', given: nameOf(source) });
}
