import { clientError } from '../errors/client-rules.ts';
import { requestIdOf } from '../errors/request-id.ts';
import type { HttpRequest, HttpResponse, Stage } from '../http/types.ts';
import { findLinks, hasValue, type PageLinks } from './links.ts';
import type { Page, PageRequest } from './types.ts';

const OPEN = 0x7b;
const CLOSE = 0x7d;
const BLANKS = new Set([0x20, 0x09, 0x0a, 0x0d, 0xef, 0xbb, 0xbf]);

/**
 * Lets only whole JSON objects through that pass the request's own check: a success must say JSON and run from `{` to
 * `}`. Stands inside of `retry`, so a half page or a portal's HTML is fetched again.
 *
 * @throws SluiceError `page_invalid`, recovery `retry`, or what the check throws
 */
export const validatePage: Stage = (next) => async (request, signal) => {
  const response = await next(request, signal);
  if (response.status !== 200) return response;
  const body = trim(response.body);
  const isJson = /^application\/(?:[\w.+-]+\+)?json\b/i.test(response.headers['content-type'] ?? '');
  if (!isJson || body[0] !== OPEN || body[body.length - 1] !== CLOSE) throw invalid(request, response);
  const page = { ...response, body };
  request.check?.(page);
  return page;
};

function trim(bytes: Uint8Array): Buffer {
  let start = 0;
  let end = bytes.length;
  while (start < end && BLANKS.has(bytes[start]!)) start++;
  while (end > start && BLANKS.has(bytes[end - 1]!)) end--;
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start);
}

function invalid(request: HttpRequest, response: HttpResponse, cause?: unknown) {
  return clientError('page_invalid', request, {
    surface: 'graph',
    status: response.status,
    requestId: requestIdOf(response.headers),
    cause,
    details: { bytes: response.body.byteLength },
  });
}

/** Keeps the links of every page to the origin that was asked, so that the token cannot be led away. */
export function isSameOrigin(link: string, origin: string): boolean {
  return URL.canParse(link) && new URL(link).origin === origin;
}

/**
 * The page of a validated answer.
 *
 * @throws SluiceError `page_invalid` when the body had to be parsed and is no JSON or a list has no `value`, `page_links` when a delta page does
 * not hold exactly one link, `foreign_link`
 */
export function toPage(
  response: HttpResponse,
  request: HttpRequest,
  wanted: PageRequest,
  context: { readonly origin: string; readonly nowMs: number },
): Page {
  const body = Buffer.from(response.body.buffer, response.body.byteOffset, response.body.byteLength);
  const single = wanted.shape === 'single';
  const links = single ? { replyLinks: [] } : resolved(readLinks(body, request, response, wanted), request.url);
  for (const link of [links.nextLink, links.deltaLink, ...links.replyLinks]) {
    if (link !== undefined && !isSameOrigin(link, context.origin)) {
      throw clientError('foreign_link', request, { surface: 'graph', details: { host: hostOf(link) } });
    }
  }
  if (wanted.delta && (links.nextLink === undefined) === (links.deltaLink === undefined)) {
    throw clientError('page_links', request, { surface: 'graph', details: { both: links.nextLink !== undefined } });
  }
  const requestId = requestIdOf(response.headers);
  const serviceTimeMs = Date.parse(response.headers['date'] ?? '');
  return {
    ...links,
    url: request.url,
    bytes: single ? Buffer.concat([Buffer.from('{"value":['), body, Buffer.from(']}')]) : body,
    requestId,
    receivedAtMs: context.nowMs,
    serviceTimeMs: Number.isNaN(serviceTimeMs) ? context.nowMs : serviceTimeMs,
  };
}

function readLinks(body: Buffer, request: HttpRequest, response: HttpResponse, wanted: PageRequest): PageLinks {
  try {
    if (!hasValue(body)) throw new TypeError('a list without value');
    return findLinks(body, { replies: wanted.replies ?? false });
  } catch (error) {
    // Not the parser's own error: it quotes the text.
    throw invalid(request, response, new Error((error as Error).name));
  }
}

/** A link without a host is one of the service that gave it. */
function resolved({ nextLink, deltaLink, replyLinks }: PageLinks, base: string): PageLinks {
  const absolute = (link: string) => resolveLink(link, base);
  return {
    nextLink: nextLink && absolute(nextLink),
    deltaLink: deltaLink && absolute(deltaLink),
    replyLinks: replyLinks.map(absolute),
  };
}

/** @see https://docs.oasis-open.org/odata/odata-json-format/v4.01/odata-json-format-v4.01.html#sec_RelativeURLs */
export function resolveLink(link: string, base: string): string {
  const isAbsolute = /^[a-z][a-z\d+.-]*:/i.test(link);
  return !isAbsolute && URL.canParse(link, base) ? new URL(link, base).href : link;
}

const hostOf = (link: string) => (URL.canParse(link) ? new URL(link).host : 'not a URL');
