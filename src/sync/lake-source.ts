import type { GraphSource } from '../graph/types.ts';
import { SOURCE_FACT } from '../lake/log/tenants.ts';
import type { PartitionKey, Position } from '../lake/types.ts';
import { topsBegun, topsRead } from '../strategies/positions.ts';
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

/**
 * The same for a lake that does not say whose rows it holds: it was written before lakes did. It belongs to whoever has
 * one of the records that its positions name at the top.
 *
 * @returns true: the lake is this tenant's
 * @throws SluiceError `lake_of_another_tenant`
 */
export function isOwnLake(
  positions: ReadonlyMap<PartitionKey, Position>,
  listed: { readonly of: readonly string[]; readonly ids: readonly string[]; readonly isComplete: boolean },
  source: GraphSource,
): boolean {
  const known = new Set([...topsRead(positions), ...topsBegun(positions)].map(lower));
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
