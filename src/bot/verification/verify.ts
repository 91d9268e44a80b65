import { compactVerify } from 'jose';
import type { Runtime } from '../../runtime/runtime.ts';
import type { Envelope } from '../activities/envelope.ts';
import type { BotPlace } from '../clouds.ts';
import { type Claims, judgeClaims } from './claims.ts';
import { isRefusal, type Refusal, refuse } from './refusals.ts';
import type { SigningKey, SigningKeys } from './signing-keys.ts';
import { ALGORITHM, bearerToken, readPart, readToken } from './token.ts';

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
  if (!(await isSignedBy(text, key))) return refuse('signature');
  const payload = readPart(text.split('.')[1]);
  if (!payload) return refuse('malformed');
  const claims = judgeClaims(payload, { issuer: place.issuer, appId, nowMs: runtime.now() });
  return isRefusal(claims) ? claims : { claims, key };
}

async function isSignedBy(token: string, { key }: SigningKey): Promise<boolean> {
  try {
    await compactVerify(token, key, { algorithms: [ALGORITHM] });
    return true;
  } catch {
    return false;
  }
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
