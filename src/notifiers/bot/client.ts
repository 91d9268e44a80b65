import type { Connector } from '../../bot/connector/request.ts';
import type { BotAccess, HouseHost } from '../house-host.ts';

/** The connector of a bot, and where the bot may begin. */
export interface BotClient {
  readonly connector: Connector;
  readonly proactiveUrl: string | undefined;
  /** Largest activity in bytes of UTF-16. */
  readonly maxBytes: number;
}

type Host = Pick<HouseHost, 'send' | 'runtime' | 'telemetry' | 'botStore'>;

/** Longer waits are the outbox's: it comes back. */
const PACING_PATIENCE_MS = 5_000;

/** One attempt each: the outbox tries again. What it needs is loaded with the first message. */
export async function openBotClient(
  { send, runtime, telemetry, botStore }: Host,
  access: BotAccess,
): Promise<BotClient> {
  const [{ createConnector }, { createPacing }, { botTokens }, { botPlace }, { MAX_BOT_MESSAGE_BYTES: maxBytes }] =
    await Promise.all([
      import('../../bot/connector/connector.ts'),
      import('../../bot/connector/pacing.ts'),
      import('../../bot/connector/bot-tokens.ts'),
      import('../../bot/clouds.ts'),
      import('../../limits/bot-limits.ts'),
    ]);
  const { appId, credential, cloud, tenants, twinUrl: loginUrl } = access;
  const place = botPlace(cloud, loginUrl);
  const tokens = botTokens({
    ...{ appId, credential, cloud, loginUrl, send, runtime, telemetry },
    tenants: new Set(tenants),
  });
  const pacing = createPacing({ appId, counts: botStore.counts, runtime, patienceMs: PACING_PATIENCE_MS });
  const connector = createConnector({ place, tokens, send, runtime, telemetry, pacing, repeats: 'outbox' });
  return { connector, proactiveUrl: place.proactiveUrl, maxBytes };
}
