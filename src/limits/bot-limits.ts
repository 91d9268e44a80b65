/** At most `limit` requests in any `windowMs` milliseconds. */
interface BotWindow {
  readonly limit: number;
  readonly windowMs: number;
}

/**
 * Published limits of the bot connector, of one bot in one conversation; every window holds at the same time.
 *
 * @see https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit
 */
export const botLimits = {
  send: [
    { limit: 7, windowMs: 1_000 },
    { limit: 8, windowMs: 2_000 },
    { limit: 60, windowMs: 30_000 },
    { limit: 1_800, windowMs: 3_600_000 },
  ],
  /** Of conversations and new threads: those with one person, and those of one channel. */
  create: [
    { limit: 7, windowMs: 1_000 },
    { limit: 8, windowMs: 2_000 },
    { limit: 60, windowMs: 30_000 },
    { limit: 1_800, windowMs: 3_600_000 },
  ],
  members: [
    { limit: 14, windowMs: 1_000 },
    { limit: 16, windowMs: 2_000 },
    { limit: 120, windowMs: 30_000 },
    { limit: 3_600, windowMs: 3_600_000 },
  ],
} as const satisfies Record<string, readonly BotWindow[]>;

/**
 * Everything that one app does in one tenant, in all conversations together.
 *
 * @see https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit
 */
export const botTenantLimits = [{ limit: 50, windowMs: 1_000 }] as const satisfies readonly BotWindow[];

/**
 * Largest message, in bytes of UTF-16.
 *
 * @see https://learn.microsoft.com/microsoftteams/platform/bots/how-to/format-your-bot-messages
 */
export const MAX_BOT_MESSAGE_BYTES = 100 * 1024;
