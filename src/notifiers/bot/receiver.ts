/** The fields of a receiver that a bot speaks to: one of the four places, and in a channel a thread if wanted. */
export interface BotReceiver {
  readonly conversation?: string | undefined;
  readonly channel?: string | undefined;
  readonly thread?: string | undefined;
  readonly chat?: string | undefined;
  readonly user?: string | undefined;
}
