import { type AllowedHosts, allowanceOf } from './allowed-hosts.ts';
import { findHostRow, type HostRow, hostRows, requiredQuery, type WebhookKind } from './host-rows.ts';

/** What is wrong with a URL that is not recognised, and what would be right. */
export interface UrlFault {
  readonly part: 'url' | 'scheme' | 'credentials' | 'port' | 'host' | 'path' | 'query';
  /** A sentence without any part of the URL. */
  readonly problem: string;
  readonly valid: readonly string[];
}

export interface Classification {
  readonly kind: WebhookKind;
  /** The row that recognised the host; none for `configured` and most `unknown`. */
  readonly row?: HostRow;
  /** Why it is `unknown`. */
  readonly fault?: UrlFault;
}

/**
 * Tells what a webhook URL is by exact host, path and query. Total: what it does not know is `unknown`, with the reason.
 *
 * @param allow - hosts that configuration adds; they need no Workflows path or query
 */
export function classifyWebhook(value: string, allow: AllowedHosts = {}): Classification {
  if (!URL.canParse(value)) return unknown('url', 'It is not a URL.', ['https://…']);
  const url = new URL(value);
  const row = findHostRow(url.hostname);
  const onKnownPath = row?.paths.some((path) => url.pathname.toLowerCase().startsWith(path)) ?? false;
  // Recognised whatever else is wrong with it: the advice for a dead form beats the one for its port.
  if (row?.kind === 'connector-retired' && onKnownPath) return { kind: row.kind, row };
  const fault = credentialFault(url);
  if (fault) return fault;
  if (allowanceOf(url, allow)) return { kind: 'configured' };
  if (url.protocol !== 'https:') return unknown('scheme', 'Only https is allowed.', ['https://…']);
  if (!row) return unknown('host', 'Its host is not one of the known webhook hosts.', validHosts());
  if (url.port !== '') return unknown('port', 'Its port is not 443.', ['443, or none']);
  if (!onKnownPath)
    return unknown(
      'path',
      'Its path is not that of a webhook.',
      row.paths.map((path) => `${path}…`),
    );
  return row.kind === 'workflow' ? checkQuery(url, row) : { kind: row.kind, row };
}

function credentialFault(url: URL): Classification | undefined {
  if (url.username === '' && url.password === '') return undefined;
  return unknown('credentials', 'It holds a user name or a password.', ['no user name, no password']);
}

function checkQuery(url: URL, row: HostRow): Classification {
  const missing = requiredQuery.filter((name) => !url.searchParams.get(name));
  if (missing.length === 0) return { kind: row.kind, row };
  return unknown(
    'query',
    `Its query lacks ${missing.join(', ')}: it was probably cut at "&"; put it in quotes.`,
    requiredQuery,
  );
}

const validHosts = () => hostRows.filter(({ kind }) => kind === 'workflow').map(({ host }) => `*${host}`);

const unknown = (part: UrlFault['part'], problem: string, valid: readonly string[]): Classification => ({
  kind: 'unknown',
  fault: { part, problem, valid },
});
