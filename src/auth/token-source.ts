import { isSluiceError } from '../errors/sluice-error.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Secret } from '../runtime/secret.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';

export interface AccessToken {
  readonly value: Secret;
  /** On our clock: the moment of issue plus the life the service stated, so a wrong clock does not matter. */
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
  /** Application permissions. */
  readonly roles: ReadonlySet<string>;
  /** Tenant that the token says it is for. */
  readonly tenantId?: string | undefined;
}

/** Gives the token of one (cloud, tenant, client, scope): one source per combination, nothing is shared between them. */
export interface TokenSource {
  /** @throws SluiceError of surface `login` */
  token(signal?: AbortSignal): Promise<AccessToken>;
  /** A service refused this token: the next caller fetches a new one. Later calls for the same token do nothing. */
  invalidate(token: AccessToken): void;
}

/** Renewed in the background from 80 % of its life on: 12 minutes early for an hour, and right for short lives. */
const REFRESH_SHARE = 0.8;
/** Not used for the last 5 % of its life, 60 s at most: it must still be good when it arrives. */
const UNUSABLE_SHARE = 0.05;
const UNUSABLE_MAX_MS = 60_000;
/** A service that refuses every token gets no more than one new one in this time. */
const FORCED_REFRESH_MS = 5000;
/** Wait after a failed background renewal, while the old token is still good. */
const RENEWAL_PAUSE_MS = 10_000;

/**
 * Keeps a token and shares it: any number of callers cause one request, and renewal happens in the background while the
 * old token is still good.
 *
 * @param options.fetchToken - asks the login service, every time it is called
 */
export function createTokenSource(options: {
  readonly fetchToken: () => Promise<AccessToken>;
  readonly runtime: Runtime;
  readonly telemetry?: Telemetry;
}): TokenSource {
  const { runtime, telemetry } = options;
  let current: AccessToken | undefined;
  let pending: Promise<AccessToken> | undefined;
  let forcedAtMs = Number.NEGATIVE_INFINITY;
  let renewFromMs = 0;

  const fetchOnce = (reason: 'first' | 'renewal'): Promise<AccessToken> => {
    pending ??= options
      .fetchToken()
      .then((token) => {
        current = token;
        renewFromMs = token.issuedAtMs + (token.expiresAtMs - token.issuedAtMs) * REFRESH_SHARE;
        telemetry?.log('auth.refreshed', { lifeMs: token.expiresAtMs - token.issuedAtMs, reason });
        return token;
      })
      .finally(() => {
        pending = undefined;
      });
    return pending;
  };

  const renewInBackground = () => {
    if (pending) return;
    fetchOnce('renewal').catch((error: unknown) => {
      renewFromMs = runtime.now() + RENEWAL_PAUSE_MS;
      telemetry?.log('auth.refresh_failed', { code: isSluiceError(error) ? error.code : 'unexpected' });
    });
  };

  return {
    token: (signal) => {
      if (current && runtime.now() < usableUntilMs(current)) {
        if (runtime.now() >= renewFromMs) renewInBackground();
        return Promise.resolve(current);
      }
      return abandonable(fetchOnce('first'), signal);
    },
    invalidate: (token) => {
      if (token !== current || runtime.monotonic() - forcedAtMs < FORCED_REFRESH_MS) return;
      forcedAtMs = runtime.monotonic();
      current = undefined;
    },
  };
}

const usableUntilMs = ({ issuedAtMs, expiresAtMs }: AccessToken) =>
  expiresAtMs - Math.min(UNUSABLE_MAX_MS, (expiresAtMs - issuedAtMs) * UNUSABLE_SHARE);

/** The caller may leave; the shared request goes on for the others. */
function abandonable<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
