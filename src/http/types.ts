/** One request as the stages see it. `url` may hold secrets: only `method` and `route` are ever printed. */
export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  /** Route template for limits, metrics and messages, for example `/teams/{team-id}/channels`. */
  readonly route: string;
  /** Values of the route's parameters that limits are kept per (`team-id`, `channel-id`, ...). */
  readonly ids?: Readonly<Record<string, string>> | undefined;
  /** Lower-case names. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | Uint8Array | undefined;
  /** False: a repeat could act twice, so only answers that prove that nothing happened are retried. Default: true for GET. */
  readonly idempotent?: boolean | undefined;
  /** Whole-request limit; default of the client. */
  readonly timeoutMs?: number | undefined;
  /** At most so many attempts, throttled ones not counted; default of the client. */
  readonly attempts?: number | undefined;
  /**
   * Where the body of a 200 goes piece by piece, instead of into memory: asked for once by each attempt that has such an
   * answer. What it throws ends the request.
   */
  readonly receive?: ((head: Pick<HttpResponse, 'headers'>) => Promise<Sink>) | undefined;
  /** Judges each success where it can still be fetched again: throws when its body cannot be used. */
  readonly check?: (response: HttpResponse) => void;
}

export interface HttpResponse {
  readonly status: number;
  /** Lower-case names; repeated headers joined by `, `. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** Takes bytes, one piece after the other. */
export type Sink = (piece: Uint8Array) => Promise<void>;

/** Sends one request. Rejects with a SluiceError when no answer came. Any status is an answer. */
export type Send = (request: HttpRequest, signal?: AbortSignal) => Promise<HttpResponse>;

/** Wraps a {@link Send} into another: auth, governor, retry, breaker, telemetry. Same shape in and out. */
export type Stage = (next: Send) => Send;
