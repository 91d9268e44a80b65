import { seededRandom } from '../../runtime/runtime.ts';
import { collections } from '../collections/index.ts';
import { guid } from './generator/chance.ts';
import { type GenerateOptions, newGeneration } from './generator/generation.ts';
import { TenantStore } from './store.ts';
import { tenantIdOf } from './tenant-id.ts';

/** Chats draw from a stream of their own. */
const CHATS_SEED = 0x63_68_61_74;

/**
 * A company with a year of conversations. The same options give the same tenant on every machine; at another moment
 * the same people say the same, at times that fit that calendar.
 */
export function generateTenant(options: GenerateOptions): TenantStore {
  const { seed, teams, channels, messages, users, chats = 0 } = options;
  const random = seededRandom(seed);
  // The id was drawn here once: what a seed gives stays as it was.
  guid(random);
  const id = tenantIdOf(['generated', seed, teams, channels, messages, users, ...(chats > 0 ? ['chats', chats] : [])]);
  const chatRandom = seededRandom(seed ^ CHATS_SEED);
  const tenant = new TenantStore({ id, displayName: 'Northwind Traders', random, chatRandom });
  const generation = newGeneration(options, random);
  for (const { generate } of collections) generate?.(tenant, generation);
  return tenant;
}
