/** What a control request says about where it comes from. Header names in lower case. */
export interface ControlRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

const LOOPBACK: readonly string[] = ['localhost', '127.0.0.1', '::1'];

/** Addresses that mean every name of the machine. */
const EVERY_HOST: readonly string[] = ['0.0.0.0', '::'];

/**
 * Why a control request is refused, or undefined. A web page that somebody has open beside a twin can post to it: from a
 * page of its own, under a name of its own, or as a form. None of that is let in.
 *
 * @param host - the host that the twin listens on
 * @see https://fetch.spec.whatwg.org/#cors-safelisted-request-header (what a page may send without being asked)
 */
export function controlRefusal({ method, headers }: ControlRequest, host: string): string | undefined {
  const named = String(headers['host'] ?? '');
  const name = named
    .replace(/:\d+$/, '')
    .replace(/^\[|\]$/g, '')
    .toLowerCase();
  if (!EVERY_HOST.includes(host) && ![...LOOPBACK, host.toLowerCase()].includes(name)) {
    return `The Host header must be the twin's own: ${[...new Set([host, ...LOOPBACK])].join(', ')}.`;
  }
  const origin = headers['origin'];
  if (origin !== undefined && String(origin).replace(/^https?:\/\//, '') !== named) {
    return 'A page of another origin may not control the twin.';
  }
  const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
  if (method !== 'GET' && hasBody && !/^application\/json\s*(?:;|$)/i.test(String(headers['content-type'] ?? ''))) {
    return 'The content-type must be application/json.';
  }
  return undefined;
}
