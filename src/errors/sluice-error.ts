/** What the caller should do about an error. */
export type Recovery = 'retry' | 'refresh_token' | 'skip' | 'user_action' | 'admin_action' | 'fail';

/** Where an error came from. */
export type Surface =
  | 'graph'
  | 'login'
  | 'bot'
  | 'webhook'
  | 'notifier'
  | 'lake'
  | 'config'
  | 'card'
  | 'router'
  | 'outbox'
  | 'server'
  | 'twin';

/** The request an error belongs to: never a query string, a token or a body. */
export interface RequestInfo {
  method: string;
  /** Route template, for example `/teams/{team-id}/channels`. */
  route: string;
  status?: number;
  /** The service's `request-id`, for a support case. */
  requestId?: string;
}

export interface SluiceErrorOptions {
  /** Stable, snake_case, unique per meaning: `permission_missing`, `lake_conflict`. */
  code: string;
  recovery: Recovery;
  surface: Surface;
  /** What happened and where. */
  message: string;
  /** What to do about it. */
  hint?: string | undefined;
  request?: RequestInfo | undefined;
  /** Milliseconds the service asked to wait. */
  retryAfterMs?: number | undefined;
  /** Machine-readable facts for reports (a missing permission, a file and line). Never a secret, never message text. */
  details?: Readonly<Record<string, string | number | boolean | readonly string[]>> | undefined;
  cause?: unknown;
}

/** The one root of every error Sluice throws on purpose. Branch on `code` or `recovery`, never on the message. */
export class SluiceError extends Error {
  override readonly name = 'SluiceError';
  readonly code: string;
  readonly recovery: Recovery;
  readonly surface: Surface;
  readonly hint: string | undefined;
  readonly request: RequestInfo | undefined;
  readonly retryAfterMs: number | undefined;
  readonly details: NonNullable<SluiceErrorOptions['details']>;

  constructor(options: SluiceErrorOptions) {
    // A message of several lines (SQL with a mark under the mistake) ends where its last line ends.
    const separator = options.message.includes('\n') ? '\n' : ' ';
    super(
      options.hint ? `${options.message}${separator}${options.hint}` : options.message,
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.code = options.code;
    this.recovery = options.recovery;
    this.surface = options.surface;
    this.hint = options.hint;
    this.request = options.request;
    this.retryAfterMs = options.retryAfterMs;
    this.details = options.details ?? {};
  }
}

/** True for errors of this package, whatever copy of it threw them. */
export function isSluiceError(error: unknown): error is SluiceError {
  return error instanceof Error && error.name === 'SluiceError' && 'recovery' in error;
}
