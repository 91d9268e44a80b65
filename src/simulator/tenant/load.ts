import { z } from 'zod';
import { seededRandom } from '../../runtime/runtime.ts';
import { collections } from '../collections/index.ts';
import { guid } from './generator/chance.ts';
import { id as idText } from './line-schema.ts';
import { readRecords } from './lines.ts';
import type { Loading } from './loading.ts';
import { TenantStore } from './store.ts';
import { tenantIdOf } from './tenant-id.ts';

export interface LoadOptions {
  /** Seeds the tenant id and what events pick; default 1. */
  readonly seed?: number | undefined;
  /** Tenant id; default: from the seed and the ids of the teams. */
  readonly id?: string | undefined;
}

/**
 * Reads a tenant from `users`, `teams`, `channels` and `messages` (`.jsonl` or `.jsonl.gz`) in `dir`.
 *
 * What may be left out: a team's members (then: who writes in it), the members of a private or shared channel (then:
 * the team's), a message's id (then: its creation time in ms, moved on until it is free in its thread). Messages may
 * come in any order. Files that may be missing: `chats` with `chat-messages`, and `federated`, the people of other
 * tenants in them; `installed-apps`, `tabs`, `tags`.
 *
 * @throws SluiceError `tenant_file_missing`, `tenant_file_unreadable`, `tenant_line_invalid` (file, line, field)
 */
export async function loadTenant(dir: string, { seed = 1, id }: LoadOptions = {}): Promise<TenantStore> {
  const random = seededRandom(seed);
  // As in a generated tenant.
  guid(random);
  const tenant = new TenantStore({ id: id ?? (await loadedId(dir, seed)), displayName: 'Loaded tenant', random });
  const loading: Loading = { dir, tenant, messages: [], federated: new Map(), afterwards: [] };
  for (const { files = [] } of collections) for (const { load } of files) await load(loading);
  for (const finish of loading.afterwards) finish();
  return tenant;
}

const TeamId = z.object({ id: idText });

async function loadedId(dir: string, seed: number): Promise<string> {
  const teams: string[] = [];
  await readRecords(dir, 'teams', TeamId, ({ id }) => void teams.push(id));
  return tenantIdOf(['loaded', seed, ...teams.sort()]);
}
