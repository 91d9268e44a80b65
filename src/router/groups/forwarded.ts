import { digest } from '../notification.ts';
import { senderGroupKey } from './group-key.ts';
import type { StateChange, Stateful } from './state-change.ts';
import { TrackedMap } from './tracked-map.ts';

/** The last body that was taken of one group of a sender. */
export interface ForwardedEntry {
  /** Digest of tenant, ingress and group. */
  readonly key: string;
  readonly bodyDigest: string;
  /** Wall clock, milliseconds. */
  readonly at: number;
}

/**
 * For so long the same bytes of the same group are a retry. Alertmanager tries again after 0.5 s and then 1.5 times as
 * long each time, for no longer than its group interval; its own repeats come at the earliest after a group interval,
 * which is minutes in practice. Grafana's contact point tries again within seconds.
 *
 * @see https://github.com/prometheus/alertmanager/blob/main/notify/notify.go (RetryStage, backoff)
 */
export const RETRY_WINDOW_MS = 30_000;

/**
 * Whether a body is its sender's HTTP retry of one that was taken already, whose answer got lost: the same bytes as the
 * last of its group, within the window. Any other body is a new message, and so is one whose predecessor comes from a
 * clock that was ahead: a message too many does less harm than one too few.
 */
export function isRetry(last: ForwardedEntry | undefined, bodyDigest: string, now: number): boolean {
  return last !== undefined && last.bodyDigest === bodyDigest && isFresh(last, now);
}

const isFresh = ({ at }: ForwardedEntry, now: number) => at <= now && now - at < RETRY_WINDOW_MS;

/** Remembers the bodies of the last moments. Plain memory: its changes are stored with the messages. */
export class Forwarded implements Stateful {
  readonly #entries: TrackedMap<ForwardedEntry>;

  /** @param stored - the entries of an earlier process */
  constructor(stored: readonly ForwardedEntry[] = []) {
    this.#entries = new TrackedMap(stored.map((entry) => [entry.key, entry]));
  }

  isRetry(key: string, bodyDigest: string, now: number): boolean {
    return isRetry(this.#entries.get(key), bodyDigest, now);
  }

  /** Takes note of a body that becomes messages, and forgets those whose window is over. */
  note(key: string, bodyDigest: string, now: number): void {
    this.#entries.delete(key);
    // The oldest stand first.
    for (const entry of this.#entries.values()) {
      if (isFresh(entry, now)) break;
      this.#entries.delete(entry.key);
    }
    this.#entries.set(key, { key, bodyDigest, at: now });
  }

  changes(): StateChange[] {
    return this.#entries.changes().map((change) => ({ kind: 'forwarded', ...change }));
  }

  commit(): void {
    this.#entries.commit();
  }

  rollback(): void {
    this.#entries.rollback();
  }
}

/** What a sender's group is remembered by. */
export const forwardedKey = (group: Parameters<typeof senderGroupKey>[0], tenant: string): string =>
  digest([senderGroupKey(group, { tenant, receiver: '' })]);
