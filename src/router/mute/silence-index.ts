import type { Notification } from '../../messages/types.ts';
import { lookupKey, lookupKeys } from '../match/lookup-key.ts';
import type { Silence } from './silence.ts';

/** Under this key stand the silences that ask for no value with `=`. */
const ALWAYS = '';

/** Finds the silences of a tenant that may mute a notification: never fewer than those that do. */
export class SilenceIndex {
  /** Ids by tenant and key. */
  readonly #ids = new Map<string, Map<string, Set<string>>>();

  add(silence: Silence): void {
    const own = this.#ids.get(silence.tenant) ?? new Map<string, Set<string>>();
    this.#ids.set(silence.tenant, own);
    const key = keyOf(silence);
    own.set(key, (own.get(key) ?? new Set()).add(silence.id));
  }

  remove(silence: Silence): void {
    const own = this.#ids.get(silence.tenant);
    const ids = own?.get(keyOf(silence));
    ids?.delete(silence.id);
    if (ids?.size === 0) own?.delete(keyOf(silence));
  }

  candidates(notification: Notification): string[] {
    const own = this.#ids.get(notification.tenant);
    if (!own) return [];
    const keys = new Set([ALWAYS, ...lookupKeys(notification)]);
    return [...keys].flatMap((key) => [...(own.get(key) ?? [])]);
  }
}

const keyOf = ({ matchers }: Silence) => matchers.map(lookupKey).find((key) => key !== undefined) ?? ALWAYS;
