/** At most `limit` messages in any `windowMs` milliseconds. */
export interface WebhookWindow {
  readonly limit: number;
  readonly windowMs: number;
}

export interface WebhookLimits {
  /** Every window holds at the same time, per webhook URL. */
  readonly windows: readonly WebhookWindow[];
  /** Largest request body, in bytes of UTF-8. */
  readonly maxMessageBytes: number;
}

const MAX_MESSAGE_BYTES = 28 * 1024;

/**
 * Published limits of webhooks. The sender and the simulator read these same rows.
 *
 * No limit of the flow trigger is published for Teams: the two short windows of the connectors stand in for it.
 *
 * @see https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook (28 KB, 4 per second)
 * @see https://learn.microsoft.com/connectors/teams/ (28 KB in a flow)
 * @see https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using (all windows, earlier revision)
 */
export const webhookLimits = {
  workflow: {
    windows: [
      { limit: 4, windowMs: 1_000 },
      { limit: 60, windowMs: 30_000 },
    ],
    maxMessageBytes: MAX_MESSAGE_BYTES,
  },
  connector: {
    windows: [
      { limit: 4, windowMs: 1_000 },
      { limit: 60, windowMs: 30_000 },
      { limit: 100, windowMs: 3_600_000 },
      { limit: 150, windowMs: 7_200_000 },
      { limit: 1_800, windowMs: 86_400_000 },
    ],
    maxMessageBytes: MAX_MESSAGE_BYTES,
  },
} as const satisfies Record<string, WebhookLimits>;
