import type { Notification } from '../../messages/types.ts';
import { lookupKeys } from '../match/lookup-key.ts';
import { ValueIndex } from '../match/value-index.ts';
import type { Silence } from './silence.ts';

/** Finds the silences of a tenant that may mute a notification: never fewer than those that do. */
export class SilenceIndex {
  readonly #idsByTenant = new Map<string, ValueIndex<string>>();

  add(silence: Silence): void {
    if (!this.#idsByTenant.has(silence.tenant)) this.#idsByTenant.set(silence.tenant, new ValueIndex());
    this.#idsByTenant.get(silence.tenant)!.add(keysOf(silence), silence.id);
  }

  remove(silence: Silence): void {
    this.#idsByTenant.get(silence.tenant)?.remove(keysOf(silence), silence.id);
  }

  candidates(notification: Notification): readonly string[] {
    return this.#idsByTenant.get(notification.tenant)?.candidates(notification) ?? [];
  }
}

const keysOf = ({ matchers }: Silence) => matchers.map(lookupKeys).find((keys) => keys !== undefined);
