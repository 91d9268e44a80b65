import type { CloudName } from '../auth/clouds.ts';
import type { Credential } from '../auth/credential.ts';
import { isSluiceError } from '../errors/sluice-error.ts';
import { timeout } from '../http/timeout.ts';
import type { Send } from '../http/types.ts';
import { isGuid } from '../runtime/guid.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { botPlace } from './clouds.ts';
import { botTokens } from './connector/bot-tokens.ts';
import { createSigningKeys } from './verification/signing-keys.ts';

/** One thing that a bot needs, and whether it is so. */
export interface BotCheck {
  readonly name: 'app id' | 'secret' | 'tenants' | 'signing keys' | 'token' | 'endpoint' | 'conversations';
  readonly ok: boolean;
  /** What was found. */
  readonly found: string;
  /** What to do about it. */
  readonly remedy?: string | undefined;
}

export interface BotCheckOptions {
  readonly appId: string | undefined;
  readonly credential: Credential | undefined;
  readonly tenants: readonly string[];
  readonly cloud: CloudName;
  readonly twinUrl: string | undefined;
  /** Where Teams sends activities to. Undefined: it is not asked. */
  readonly endpoint: string | undefined;
  readonly send: Send;
  readonly runtime: Runtime;
  readonly telemetry: Telemetry;
}

const TIMEOUT_MS = 15_000;
/** What an endpoint that checks tokens answers to a request without one. */
const REFUSED = 401;

/** Looks at everything that a bot needs, one after the other; what is wrong hides nothing of the rest. */
export async function checkBot(options: BotCheckOptions, signal: AbortSignal): Promise<readonly BotCheck[]> {
  const { appId, tenants, credential, endpoint } = options;
  const send = timeout({ runtime: options.runtime, defaultMs: TIMEOUT_MS, surface: 'bot' })(options.send);
  const hasId = appId !== undefined && isGuid(appId);
  return [
    hasId
      ? { name: 'app id', ok: true, found: appId }
      : {
          name: 'app id',
          ok: false,
          found: 'none',
          remedy: 'Set bot.app_id to the application (client) id of the Azure bot.',
        },
    credential
      ? { name: 'secret', ok: true, found: 'given' }
      : { name: 'secret', ok: false, found: 'none', remedy: 'Set bot.app_secret: without it the bot does not speak.' },
    tenants.length > 0
      ? { name: 'tenants', ok: true, found: tenants.join(', ') }
      : { name: 'tenants', ok: false, found: 'none', remedy: 'Set auth.tenant_id or bot.tenants.' },
    await checkKeys({ ...options, send }),
    ...(hasId && credential && tenants.length > 0 ? [await checkToken({ ...options, appId, send }, signal)] : []),
    ...(endpoint === undefined ? [] : [await checkEndpoint(endpoint, send, signal)]),
  ];
}

async function checkKeys({ cloud, twinUrl, ...options }: BotCheckOptions): Promise<BotCheck> {
  const place = botPlace(cloud, twinUrl);
  const { host } = new URL(place.metadataUrl);
  const key = await createSigningKeys({ place, ...options }).find('');
  if (key !== 'unavailable') return { name: 'signing keys', ok: true, found: `published at ${host}` };
  const remedy = `Let this machine reach https://${host}, and look whether a proxy or the wrong cloud (auth.cloud: ${cloud}) stands in between.`;
  return { name: 'signing keys', ok: false, found: `not to be had from ${host}`, remedy };
}

async function checkToken(
  { twinUrl: loginUrl, tenants, ...options }: BotCheckOptions & { readonly appId: string },
  signal: AbortSignal,
): Promise<BotCheck> {
  try {
    const tokens = botTokens({ ...options, loginUrl, tenants: new Set(tenants) });
    await tokens.token(signal);
    return { name: 'token', ok: true, found: `for the cloud ${options.cloud}` };
  } catch (error) {
    if (!isSluiceError(error)) throw error;
    return { name: 'token', ok: false, found: `${error.code}: ${error.message}`, remedy: error.hint };
  }
}

/** Whether somebody is there who refuses a request without a token. */
async function checkEndpoint(endpoint: string, send: Send, signal: AbortSignal): Promise<BotCheck> {
  const name = 'endpoint';
  try {
    const request = { method: 'POST', url: endpoint, route: '/api/messages', body: '{}' } as const;
    const { status } = await send({ ...request, headers: { 'content-type': 'application/json' } }, signal);
    if (status === REFUSED) return { name, ok: true, found: 'reachable, and refuses who has no token' };
    const remedy =
      status < 300
        ? 'It takes activities without a token: whoever answers there is not this bot, or checks nothing.'
        : 'Route POST /api/messages to `sluice serve`, and look whether a gateway stands in between.';
    return { name, ok: false, found: `answers ${status}`, remedy };
  } catch (error) {
    const code = isSluiceError(error) ? error.code : 'unexpected';
    const remedy = 'Start `sluice serve`, and let the address be reachable from the Internet over https.';
    return { name, ok: false, found: `no answer (${code})`, remedy };
  }
}
