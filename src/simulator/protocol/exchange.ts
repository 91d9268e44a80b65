/** One request as the twin sees it, in-process or off a socket. */
export interface TwinRequest {
  readonly method: string;
  /** Absolute: its origin is the one the client used, so that links lead back to it. */
  readonly url: URL;
  header(name: string): string | undefined;
  text(): Promise<string>;
}

/** One answer. A body is whole before it is sent, so `content-length` is always known. */
export interface TwinAnswer {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string;
  /** Compressed and in chunks on the socket, instead of plain under a content-length. */
  readonly transfer?: 'gzip';
  /** What goes wrong on the wire with this answer. */
  readonly wire?: WireFault;
  /** Is called once nothing more of it will be sent. */
  readonly onSent?: (() => void) | undefined;
}

/** A fault below HTTP: it happens to the connection, not to the answer. */
export type WireFault =
  | { readonly kind: 'reset' }
  | { readonly kind: 'hang' }
  | { readonly kind: 'cut'; readonly share: number }
  | { readonly kind: 'slow'; readonly durationMs: number }
  | { readonly kind: 'wrong-length' };

/** An answer with a JSON body. */
export function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): TwinAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(value),
  };
}

/** The body of an answer as text. */
export function bodyText(answer: TwinAnswer): string {
  return typeof answer.body === 'string' ? answer.body : Buffer.from(answer.body).toString('utf8');
}
