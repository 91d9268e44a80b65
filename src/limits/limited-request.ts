/** What limits are decided by. */
export interface LimitedRequest {
  readonly method: string;
  readonly route: string;
  /** Values of the route's parameters (`team-id`, `channel-id`, …). */
  readonly ids?: Readonly<Record<string, string>> | undefined;
  /** For the cost in resource units, which depends on the query. */
  readonly url?: string | undefined;
}
