import type { Notification } from '../../messages/types.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { routerErrors } from '../errors.ts';
import { silenceAt } from '../groups/clock-set-back.ts';
import type { StateChange, Stateful } from '../groups/state-change.ts';
import { TrackedMap } from '../groups/tracked-map.ts';
import { compileMatchers } from '../match/compile-matchers.ts';
import type { Matcher, MatcherSpec } from '../match/matcher.ts';
import type { Silence } from './silence.ts';
import { SilenceIndex } from './silence-index.ts';

export const silenceStates = ['pending', 'active', 'expired'] as const;
export type SilenceState = (typeof silenceStates)[number];

export interface SilenceRequest extends Omit<Silence, 'id' | 'matchers' | 'startsAt' | 'createdAt'> {
  /** Matcher syntax or objects; all must hold, and not every one may match the empty string. */
  readonly matchers: readonly (string | MatcherSpec)[];
  /** Default: now. */
  readonly startsAt?: number | undefined;
}

/** Expired silences are kept this long, so that it can be seen who muted what. Alertmanager keeps them 120 h too. */
const RETENTION_MS = 120 * 3_600_000;

interface Entry {
  readonly silence: Silence;
  readonly matchers: readonly Matcher[];
}

/** Time between two looks for silences that need not be kept any more. */
const PRUNE_EVERY_MS = 60_000;

/** Keeps silences, of every tenant that ever had one. Plain memory: its changes are stored. */
export class Silences implements Stateful {
  readonly #runtime: Pick<Runtime, 'now' | 'id'>;
  readonly #entries: TrackedMap<Entry>;
  readonly #index = new SilenceIndex();
  #prunedAt: number;

  /** @param stored - the silences of an earlier process */
  constructor(runtime: Pick<Runtime, 'now' | 'id'>, stored: readonly Silence[] = []) {
    this.#runtime = runtime;
    this.#prunedAt = runtime.now();
    const entries = stored.map((silence) => entryOf(silence, compileMatchers(silence.matchers)));
    this.#entries = new TrackedMap(entries.map((entry) => [entry.silence.id, entry]));
    for (const { silence } of entries) this.#index.add(silence);
    // Of one that an earlier release stored nobody knows since when it is meant: from now on it is bounded too.
    for (const { silence, matchers } of entries) {
      if (silence.createdAt === undefined) this.#set(entryOf({ ...silence, createdAt: this.#prunedAt }, matchers));
    }
  }

  /** @throws SluiceError `silence_invalid`, `matcher_invalid` or `pattern_invalid` */
  create(request: SilenceRequest): Silence {
    const now = this.#runtime.now();
    const matchers = compileMatchers(request.matchers);
    const silence: Silence = {
      ...request,
      id: this.#runtime.id(),
      matchers: matchers.map(({ spec }) => spec),
      startsAt: request.startsAt ?? now,
      createdAt: now,
    };
    check(silence, matchers, now);
    this.#set(entryOf(silence, matchers));
    this.#prune(now);
    return silence;
  }

  /**
   * Ends a silence now. One that has ended stays as it was.
   *
   * @throws SluiceError `silence_unknown`
   */
  expire(tenant: string, id: string): Silence {
    const now = this.#runtime.now();
    const entry = this.#entries.get(id);
    if (entry?.silence.tenant !== tenant) {
      const valid = this.list(tenant).map((silence) => silence.id);
      throw routerErrors.silence_unknown({ field: 'silence', value: id, valid });
    }
    const { silence, matchers } = entry;
    if (stateOf(silence, now) === 'expired') return silence;
    const ended = { ...silence, startsAt: Math.min(silence.startsAt, now), endsAt: now };
    this.#set(entryOf(ended, matchers));
    return ended;
  }

  /** Bounds every silence by its own length, for a clock that was set back. */
  boundWaits(now: number): void {
    for (const { silence, matchers } of this.#entries.values()) {
      const bounded = silenceAt(silence, now);
      if (bounded !== silence) this.#set(entryOf(bounded, matchers));
    }
  }

  /** The silences of a tenant, soonest end first. */
  list(tenant: string, state?: SilenceState): Silence[] {
    const now = this.#runtime.now();
    return [...this.#entries.values()]
      .map(({ silence }) => silence)
      .filter((silence) => silence.tenant === tenant && (state === undefined || stateOf(silence, now) === state))
      .sort((a, b) => a.endsAt - b.endsAt);
  }

  /** Ids of the active silences that mute a notification. Asks only those whose matchers may hold. */
  silencing(notification: Notification): string[] {
    const now = this.#runtime.now();
    return this.#index.candidates(notification).filter((id) => {
      const { silence, matchers } = this.#entries.get(id)!;
      return stateOf(silence, now) === 'active' && matchers.every((matcher) => matcher.matches(notification));
    });
  }

  changes(): StateChange[] {
    return this.#entries.changes().map(({ key, value }) => ({ kind: 'silence', key, value: value?.silence }));
  }

  commit(): void {
    this.#entries.commit();
  }

  rollback(): void {
    const changed = this.#entries.changes();
    for (const { value } of changed) if (value) this.#index.remove(value.silence);
    this.#entries.rollback();
    for (const { key } of changed) {
      const entry = this.#entries.get(key);
      if (entry) this.#index.add(entry.silence);
    }
  }

  #set(entry: Entry): void {
    this.#entries.set(entry.silence.id, entry);
    this.#index.add(entry.silence);
  }

  #prune(now: number): void {
    if (Math.abs(now - this.#prunedAt) < PRUNE_EVERY_MS) return;
    this.#prunedAt = now;
    for (const { silence } of this.#entries.values()) {
      if (silence.endsAt + RETENTION_MS >= now) continue;
      this.#entries.delete(silence.id);
      this.#index.remove(silence);
    }
  }
}

const entryOf = (silence: Silence, matchers: readonly Matcher[]): Entry => ({ silence, matchers });

/** Whether a silence is still to come, at work or over. */
export function stateOf({ startsAt, endsAt }: Silence, now: number): SilenceState {
  if (now < startsAt) return 'pending';
  return now < endsAt ? 'active' : 'expired';
}

function check(silence: Silence, matchers: readonly Matcher[], now: number): void {
  const nothing = { labels: {}, tags: [] } as unknown as Notification;
  if (!(silence.startsAt < silence.endsAt)) throw invalid('endsAt is not after startsAt', 'Give a later end.');
  if (silence.endsAt <= now) throw invalid('endsAt has passed', 'Give an end in the future.');
  if (silence.createdBy.trim() === '') throw invalid('createdBy is empty', 'Say who mutes.');
  if (matchers.every((matcher) => matcher.matches(nothing))) {
    throw invalid('its matchers mute everything', 'At least one matcher must ask for a value.');
  }
}

const invalid = (problem: string, valid: string) => routerErrors.silence_invalid({ problem, valid });
