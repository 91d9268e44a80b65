import { createHash } from 'node:crypto';

/** The id of a tenant that these facts make: another seed, size or file is another tenant, and a lake can tell. */
export function tenantIdOf(facts: readonly (string | number)[]): string {
  const hash = createHash('sha256').update(JSON.stringify(facts)).digest('hex');
  return [
    hash.slice(0, 8),
    hash.slice(8, 12),
    `4${hash.slice(13, 16)}`,
    `a${hash.slice(17, 20)}`,
    hash.slice(20, 32),
  ].join('-');
}
