import { createPublicKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { isSluiceError } from '../../errors/sluice-error.ts';
import type { HttpRequest, Send } from '../../http/types.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import type { BotPlace } from '../clouds.ts';
import { botErrors } from '../errors.ts';
import { ALGORITHM } from './token.ts';

/** A published key, and the channels that it may speak for. */
export interface SigningKey {
  readonly key: KeyObject;
  readonly endorsements: ReadonlySet<string>;
}

/** The signing keys of a cloud's bot service. */
export interface SigningKeys {
  /** The key of an id; undefined: none is published. `unavailable`: no key is known, and the key server does not answer. */
  find(keyId: string): Promise<SigningKey | undefined | 'unavailable'>;
}

export interface SigningKeysOptions {
  readonly place: Pick<BotPlace, 'issuer' | 'metadataUrl'>;
  readonly send: Send;
  readonly runtime: Runtime;
  readonly telemetry: Telemetry;
}

/** Keys older than this are fetched again, beside the work. https://github.com/microsoft/botbuilder-js (openIdMetadata) */
const REFRESH_AFTER_MS = 24 * 3_600_000;
/** Whatever the tokens say, the key server is asked no more often. */
const COOL_DOWN_MS = 30_000;
/** Shorter keys than these are refused. https://www.rfc-editor.org/rfc/rfc7518#section-3.3 */
const MIN_MODULUS_BITS = 2_048;

const metadataSchema = z.looseObject({
  issuer: z.string(),
  jwks_uri: z.string(),
  id_token_signing_alg_values_supported: z.array(z.string()),
});

const keySchema = z.looseObject({
  kty: z.literal('RSA'),
  kid: z.string().min(1),
  n: z.string(),
  e: z.string(),
  use: z.literal('sig').optional(),
  endorsements: z.array(z.string()).default([]),
});

/**
 * Keeps the keys of one cloud. An id that is not known causes one fetch per cool-down, shared by all who wait. While the
 * key server is out, the keys that are known go on being used: its outage is not ours.
 */
export function createSigningKeys(options: SigningKeysOptions): SigningKeys {
  const { runtime, telemetry } = options;
  let known: ReadonlyMap<string, SigningKey> | undefined;
  let fetchedAtMs = 0;
  let askedAtMs = Number.NEGATIVE_INFINITY;
  let pending: Promise<void> | undefined;

  const refresh = (): Promise<void> => {
    if (pending) return pending;
    if (runtime.monotonic() - askedAtMs < COOL_DOWN_MS) return Promise.resolve();
    askedAtMs = runtime.monotonic();
    pending = fetchKeys(options)
      .then(
        (keys) => {
          known = keys;
          fetchedAtMs = runtime.monotonic();
          telemetry.count('teams.bot.key_fetches', 1, { outcome: 'fetched' });
        },
        (error: unknown) => {
          telemetry.count('teams.bot.key_fetches', 1, { outcome: 'failed' });
          telemetry.log('bot.keys_failed', {
            code: isSluiceError(error) ? error.code : 'unexpected',
            known: known?.size ?? 0,
          });
        },
      )
      .finally(() => {
        pending = undefined;
      });
    return pending;
  };

  return {
    find: async (keyId) => {
      const key = known?.get(keyId);
      if (!key) {
        await refresh();
        return known ? known.get(keyId) : 'unavailable';
      }
      if (runtime.monotonic() - fetchedAtMs > REFRESH_AFTER_MS) void refresh();
      return key;
    },
  };
}

/**
 * Fetches metadata and keys. What does not belong together is not used: another issuer, keys on another host.
 *
 * @throws SluiceError `bot_keys_invalid`, or what the transport throws
 */
async function fetchKeys({ place, send }: SigningKeysOptions): Promise<ReadonlyMap<string, SigningKey>> {
  const {
    issuer,
    jwks_uri: keysUrl,
    ...metadata
  } = await fetchJson(send, place.metadataUrl, 'metadata', metadataSchema);
  if (issuer !== place.issuer) throw botErrors.bot_keys_invalid({ what: 'metadata', problem: 'its issuer is another' });
  if (!metadata.id_token_signing_alg_values_supported.includes(ALGORITHM)) {
    throw botErrors.bot_keys_invalid({ what: 'metadata', problem: `it does not list ${ALGORITHM}` });
  }
  if (!URL.canParse(keysUrl) || new URL(keysUrl).origin !== new URL(place.metadataUrl).origin) {
    throw botErrors.bot_keys_invalid({ what: 'metadata', problem: 'its keys are at another host' });
  }
  const { keys } = await fetchJson(send, keysUrl, 'keys', z.looseObject({ keys: z.array(z.unknown()) }));
  const usable = keys.flatMap((given) => keyOf(given) ?? []);
  if (usable.length === 0) throw botErrors.bot_keys_invalid({ what: 'keys', problem: 'none of them can be used' });
  return new Map(usable);
}

function keyOf(given: unknown): (readonly [string, SigningKey])[] | undefined {
  const parsed = keySchema.safeParse(given);
  if (!parsed.success) return undefined;
  const { kid, kty, n, e, endorsements } = parsed.data;
  try {
    const key = createPublicKey({ key: { kty, n, e }, format: 'jwk' });
    if ((key.asymmetricKeyDetails?.modulusLength ?? 0) < MIN_MODULUS_BITS) return undefined;
    return [[kid, { key, endorsements: new Set(endorsements) }]];
  } catch {
    return undefined;
  }
}

async function fetchJson<Schema extends z.ZodType>(
  send: Send,
  url: string,
  what: 'metadata' | 'keys',
  schema: Schema,
): Promise<z.output<Schema>> {
  const request: HttpRequest = {
    method: 'GET',
    url,
    route: `/.well-known/${what}`,
    headers: { accept: 'application/json' },
  };
  const { status, body } = await send(request);
  // A redirect is not followed: the keys come from the host that is known, or not at all.
  if (status !== 200) throw botErrors.bot_keys_invalid({ what, problem: `the answer was ${status}` });
  const parsed = schema.safeParse(parseJson(body));
  if (!parsed.success) throw botErrors.bot_keys_invalid({ what, problem: 'it has another form' });
  return parsed.data;
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    return undefined;
  }
}
