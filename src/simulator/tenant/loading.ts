import type { StoredMessage } from './message.ts';
import type { TenantStore } from './store.ts';
import type { TwinUser } from './types.ts';

/** A tenant folder while it is read. */
export interface Loading {
  readonly dir: string;
  readonly tenant: TenantStore;
  /** Messages of channels in the order of their lines. They are in the tenant when every file is read. */
  readonly messages: StoredMessage[];
  /** People of other tenants, by id. */
  readonly federated: Map<string, TwinUser>;
  /** What is done when every file is read, in this order. */
  readonly afterwards: (() => void)[];
}
