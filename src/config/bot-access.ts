import type { z } from 'zod';
import type { Credential } from '../auth/credential.ts';
import type { BotAccess } from '../notifiers/house-host.ts';
import type { authSection } from './sections/auth.ts';
import type { botSection } from './sections/bot.ts';

type Sections = {
  readonly bot: z.output<ReturnType<(typeof botSection)['schema']>>;
  readonly auth: z.output<ReturnType<(typeof authSection)['schema']>>;
};

/** The bot that is configured; undefined: none is, or it has nothing to prove itself with. */
export function botAccessOf({ bot, auth }: Sections): BotAccess | undefined {
  const { app_id: appId, app_secret: secret, tenants = auth.tenant_id === undefined ? [] : [auth.tenant_id] } = bot;
  if (appId === undefined || secret === undefined || tenants.length === 0) return undefined;
  const lower = tenants.map((tenant) => tenant.toLowerCase());
  const credential: Credential = { kind: 'secret', secret };
  return { appId: appId.toLowerCase(), tenants: lower, credential, cloud: auth.cloud, twinUrl: bot.twin_url };
}
