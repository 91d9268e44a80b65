import { unknownValue } from '../errors/sluice-error.ts';
import type { Notification } from '../notifiers/types.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { compileMatchers } from './compile-matchers.ts';
import type { Matcher, MatcherSpec } from './matcher.ts';
import { routerError } from './router-error.ts';

/** Mutes what its matchers match, from `startsAt` until `endsAt` (milliseconds since 1970, the end not included). Plain JSON. */
export interface Silence {
  readonly id: string;
  readonly tenant: string;
  readonly matchers: readonly MatcherSpec[];
  readonly startsAt: number;
  readonly endsAt: number;
  readonly createdBy: string;
  readonly comment: string;
}

export const silenceStates = ['pending', 'active', 'expired'] as const;
export type SilenceState = (typeof silenceStates)[number];

export interface SilenceRequest extends Omit<Silence, 'id' | 'matchers' | 'startsAt'> {
  /** Matcher syntax or objects; all must hold, and not every one may match the empty string. */
  readonly matchers: readonly (string | MatcherSpec)[];
  /** Default: now. */
  readonly startsAt?: number;
}

/** Expired silences are kept this long, so that it can be seen who muted what. Alertmanager keeps them 120 h too. */
const RETENTION_MS = 120 * 3_600_000;

interface Entry {
  readonly silence: Silence;
  readonly matchers: readonly Matcher[];
}

/** Keeps silences. Plain memory: {@link Silences.list} gives what must be stored. */
export class Silences {
  readonly #runtime: Pick<Runtime, 'now' | 'id'>;
  readonly #entries = new Map<string, Entry>();

  /** @param stored - the silences of an earlier process */
  constructor(runtime: Pick<Runtime, 'now' | 'id'>, stored: readonly Silence[] = []) {
    this.#runtime = runtime;
    for (const silence of stored) this.#set(silence);
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
    };
    check(silence, matchers, now);
    this.#set(silence);
    return silence;
  }

  /**
   * Ends a silence now. One that has ended stays as it was.
   *
   * @throws SluiceError `silence_unknown`
   */
  expire(tenant: string, id: string): Silence {
    const now = this.#runtime.now();
    const found = this.#entries.get(id)?.silence;
    if (found?.tenant !== tenant) {
      const valid = this.list(tenant).map((silence) => silence.id);
      throw unknownValue({ field: 'silence', value: id, valid, surface: 'router', code: 'silence_unknown' });
    }
    if (stateOf(found, now) === 'expired') return found;
    return this.#set({ ...found, startsAt: Math.min(found.startsAt, now), endsAt: now });
  }

  /** The silences of a tenant, soonest end first. */
  list(tenant: string, state?: SilenceState): Silence[] {
    const now = this.#runtime.now();
    return [...this.#entries.values()]
      .map(({ silence }) => silence)
      .filter((silence) => silence.tenant === tenant && (state === undefined || stateOf(silence, now) === state))
      .sort((a, b) => a.endsAt - b.endsAt);
  }

  /** Ids of the active silences that mute a notification. */
  silencing(notification: Notification): string[] {
    const now = this.#runtime.now();
    return [...this.#entries.values()]
      .filter(({ silence }) => silence.tenant === notification.tenant && stateOf(silence, now) === 'active')
      .filter(({ matchers }) => matchers.every((matcher) => matcher.matches(notification)))
      .map(({ silence }) => silence.id);
  }

  #set(silence: Silence): Silence {
    this.#entries.set(silence.id, { silence, matchers: compileMatchers(silence.matchers) });
    for (const [id, { silence: old }] of this.#entries) {
      if (old.endsAt + RETENTION_MS < this.#runtime.now()) this.#entries.delete(id);
    }
    return silence;
  }
}

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

const invalid = (problem: string, hint: string) =>
  routerError({ code: 'silence_invalid', message: `Silence refused: ${problem}.`, hint });
