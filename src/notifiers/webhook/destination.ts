import type { WebhookUrl } from './webhook-url.ts';

/** One place to send to. While a URL is replaced, the old and the new one live side by side. */
export interface WebhookDestination {
  readonly primary: WebhookUrl;
  /** Used when the primary is refused, expired or disabled. */
  readonly secondary?: WebhookUrl | undefined;
  /**
   * When the owner means to replace the primary, milliseconds since 1970. Microsoft documents no life of its own for
   * the signature: https://learn.microsoft.com/answers/questions/5881830
   */
  readonly expiresAtMs?: number | undefined;
  /** The body that the flow's own Response action answers after it posted; with it a 200 is proof. */
  readonly receipt?: string | undefined;
  /** Largest body in bytes of UTF-8. Default 28 KB. */
  readonly maxBytes?: number | undefined;
}

const DAY_MS = 86_400_000;
const WARN_AHEAD_MS = 30 * DAY_MS;

/** The URLs of a destination, best first: in the order of the configuration, one that is to be replaced by now last. */
export function urlsInOrder(destination: WebhookDestination, nowMs: number): readonly [WebhookUrl, ...WebhookUrl[]] {
  const { primary, secondary, expiresAtMs } = destination;
  if (!secondary) return [primary];
  return expiresAtMs !== undefined && expiresAtMs <= nowMs ? [secondary, primary] : [primary, secondary];
}

/** Whole days until the primary is to be replaced, from 30 days ahead; negative when it is overdue. */
export function daysUntilExpiry(
  { expiresAtMs }: Pick<WebhookDestination, 'expiresAtMs'>,
  nowMs: number,
): number | undefined {
  if (expiresAtMs === undefined || expiresAtMs - nowMs > WARN_AHEAD_MS) return undefined;
  return Math.floor((expiresAtMs - nowMs) / DAY_MS);
}
