import { pathToFileURL } from 'node:url';
import { type Bot, createBot } from '../bot/bot.ts';
import type { BotStore } from '../bot/store/bot-store.ts';
import { proxyOf } from '../config/connection.ts';
import type { SluiceConfig } from '../config/schema.ts';
import { foreignErrorText } from '../errors/foreign-error.ts';
import type { Send } from '../http/types.ts';
import { undiciTransport } from '../http/undici-transport.ts';
import { isBots } from '../notifiers/kinds.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { serverBotErrors } from './errors.ts';

/** A bot that the server has. */
export interface ServedBot {
  readonly fetch: Bot['fetch'];
  readonly work: Bot['work'];
  close(): Promise<void>;
}

/** Requests on the wire at once to one host. */
const CONNECTIONS = 16;

/** Whether the server has a bot: one with handlers, or one that receivers are spoken to by, which hears where it is. */
export const hasBot = ({ bot, receivers }: SluiceConfig): boolean =>
  bot.handlers !== undefined || Object.values(receivers).some(({ kind }) => isBots(kind));

/**
 * Makes the bot that is configured, with its handlers if it has some. Undefined: none is.
 *
 * @throws SluiceError `bot_handlers_invalid`, `bot_tenant_missing`
 */
export async function openBot(
  config: SluiceConfig,
  options: {
    readonly runtime: Runtime;
    readonly telemetry: Telemetry;
    readonly store: BotStore;
    readonly send?: Send | undefined;
  },
): Promise<ServedBot | undefined> {
  const { bot: section, auth, network, resilience } = config;
  const { handlers, app_id: appId, app_secret: secret, tenants, twin_url: twinUrl } = section;
  if (!hasBot(config) || appId === undefined) return undefined;
  const { connection_timeout_ms: connectTimeoutMs } = resilience;
  const transport = undiciTransport({
    connections: CONNECTIONS,
    surface: 'bot',
    connectTimeoutMs,
    ca: network.ca,
    proxy: proxyOf(network),
  });
  try {
    const bot = createBot({
      appId,
      tenant: tenants ?? auth.tenant_id ?? [],
      credential: secret && { kind: 'secret', secret },
      cloud: auth.cloud,
      twinUrl,
      send: transport.send,
      ...options,
    });
    const addHandlers = handlers === undefined ? undefined : await loadHandlers(handlers);
    await addHandlers?.(bot);
    return { fetch: bot.fetch, work: bot.work, close: transport.close };
  } catch (error) {
    await transport.close();
    throw error;
  }
}

async function loadHandlers(file: string): Promise<(bot: Bot) => unknown> {
  const module = await import(pathToFileURL(file).href).catch((cause: unknown) => {
    throw serverBotErrors.bot_handlers_invalid({ file, problem: foreignErrorText(cause) }, { cause });
  });
  const { default: add } = module as { readonly default?: unknown };
  if (typeof add === 'function') return add as (bot: Bot) => unknown;
  throw serverBotErrors.bot_handlers_invalid({ file, problem: 'its default export is no function.' });
}
