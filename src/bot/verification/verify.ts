import { verify } from 'node:crypto';
import type { Runtime } from '../../runtime/runtime.ts';
import type { Envelope } from '../activities/envelope.ts';
import type { BotPlace } from '../clouds.ts';
import { type Claims, judgeClaims } from './claims.ts';
import { isRefusal, type Refusal, refuse } from './refusals.ts';
import type { SigningKey, SigningKeys } from './signing-keys.ts';
import { bearerToken, readPart, readToken } from './token.ts';

/** Whose activities a bot takes. */
export interface Audience {
  /** In lower case. */
  readonly appId: string;
  /** In lower case. */
  readonly tenants: ReadonlySet<string>;
  readonly place: BotPlace;
}

/** A good token: what it says, and what its key may speak for. */
export interface VerifiedToken {
  readonly claims: Claims;
  readonly key: SigningKey;
}

/** Of RS256: RSASSA-PKCS1-v1_5 with SHA-256. https://www.rfc-editor.org/rfc/rfc7518#section-3.3 */
const DIGEST = 'RSA-SHA256';

/** The one channel that these bots speak on. */
const CHANNEL = 'msteams';

/** Verifies the token of a request, without its body. It does not reject, whatever is sent. */
export async function verifyToken(
  authorization: string | null,
  { appId, place, keys, runtime }: Audience & { readonly keys: SigningKeys; readonly runtime: Runtime },
): Promise<VerifiedToken | Refusal> {
  const text = bearerToken(authorization);
  if (text === undefined) return refuse('no-token');
  const token = readToken(text);
  if (isRefusal(token)) return token;
  const key = await keys.find(token.keyId);
  if (key === undefined) return refuse('unknown-key');
  if (key === 'unavailable') return refuse('keys-unavailable');
  if (!isSignedBy(text, key)) return refuse('signature');
  const payload = readPart(text.split('.')[1]);
  if (!payload) return refuse('malformed');
  const claims = judgeClaims(payload, { issuer: place.issuer, appId, nowMs: runtime.now() });
  return isRefusal(claims) ? claims : { claims, key };
}

/**
 * RS256 over the two parts as they were written; the header was judged before. At once: handing it to a thread costs more
 * than the check.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7515#section-5.2
 */
function isSignedBy(token: string, { key }: SigningKey): boolean {
  const at = token.lastIndexOf('.');
  const signature = Buffer.from(token.slice(at + 1), 'base64url');
  return verify(DIGEST, Buffer.from(token.slice(0, at)), key, signature);
}

/**
 * Judges an activity by the token that it came with: same service URL, on a host of the cloud; a channel that the key is
 * endorsed for; a tenant that the bot serves; this bot as recipient.
 */
export function judgeActivity(
  activity: Envelope,
  { claims, key }: VerifiedToken,
  audience: Audience,
): Refusal | undefined {
  const { serviceUrl, channelId, recipient } = activity;
  if (serviceUrl !== claims.serviceUrl || !audience.place.isServiceUrl(serviceUrl)) return refuse('service-url');
  if (channelId.trim() === '' || !key.endorsements.has(channelId)) return refuse('endorsement');
  if (channelId !== CHANNEL) return refuse('channel');
  const tenants = new Set(tenantsOf(activity));
  if (tenants.size !== 1 || ![...tenants].every((tenant) => audience.tenants.has(tenant))) return refuse('tenant');
  return recipient.id.toLowerCase() === `28:${audience.appId}` ? undefined : refuse('recipient');
}

/** Every tenant that an activity names, in lower case. */
export function tenantsOf({ conversation, channelData }: Envelope): readonly string[] {
  const named = [conversation.tenantId, channelData?.tenant?.id];
  return named.flatMap((tenant) => tenant?.toLowerCase() ?? []);
}
