import { type CloudName, clouds } from '../../auth/clouds.ts';
import type { Credential } from '../../auth/credential.ts';
import { type AccessToken, createTokenSource, type TokenSource } from '../../auth/token-source.ts';
import { retry } from '../../http/retry.ts';
import { retryBudget } from '../../http/retry-budget.ts';
import type { Send } from '../../http/types.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import { type BotCloud, botClouds } from '../clouds.ts';
import { botErrors } from '../errors.ts';

export interface BotTokensOptions {
  readonly appId: string;
  readonly credential: Credential | undefined;
  readonly cloud: CloudName;
  /** Tenant to sign in to. Default: the one tenant, or that of bots with several. */
  readonly tenants: ReadonlySet<string>;
  readonly loginUrl: string | undefined;
  /** With its own timeout. */
  readonly send: Send;
  readonly runtime: Runtime;
  readonly telemetry: Telemetry;
}

const RETRIES = { attempts: 3, baseMs: 500, capMs: 5_000 };

/**
 * The bot's own tokens: one request for all who wait, renewed before they end. The libraries that sign in are loaded
 * when the first is asked for.
 *
 * @see https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication
 */
export function botTokens(options: BotTokensOptions): TokenSource {
  const { appId, credential, cloud, tenants, runtime, telemetry, loginUrl } = options;
  const { scope, loginTenant }: BotCloud = botClouds[cloud];
  const [only, ...others] = tenants;
  const send = retry({ ...RETRIES, budget: retryBudget(), runtime })(options.send);
  let fetchToken: (() => Promise<AccessToken>) | undefined;
  return createTokenSource({
    runtime,
    telemetry,
    fetchToken: async () => {
      if (!credential) throw botErrors.bot_credential_missing();
      const { signIn } = await import('../../auth/sign-in.ts');
      fetchToken ??= signIn({
        cloud: clouds[cloud],
        tenantId: only !== undefined && others.length === 0 ? only : loginTenant,
        clientId: appId,
        credential,
        scope,
        loginUrl,
        send,
        runtime,
      });
      return fetchToken();
    },
  });
}
