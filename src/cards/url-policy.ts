import { addressRange } from '../http/public-address.ts';

/**
 * What a URL in a card is for. `open`: a person's own browser opens it, inside whatever network that person is in.
 * `image` and `media`: Teams' servers and clients fetch it unasked, so it must lead into the public network.
 */
export type UrlUse = 'open' | 'image' | 'media';

export interface UrlPolicy {
  /** Links that a person opens: `any` http or https address, internal ones too, or only https to `public` hosts. Default `any`. */
  readonly links?: 'any' | 'public' | undefined;
  /** Hosts that images and media may come from although they are internal or have no https. Exact names. */
  readonly imageHosts?: readonly string[] | undefined;
}

/** What is allowed for each use, in words. */
export const ALLOWED_URLS: Readonly<Record<UrlUse, string>> = {
  open: 'an absolute http or https URL without user name and password',
  image: 'an absolute https URL to a public host, or a data URL of a PNG, JPEG, GIF or SVG image in base64',
  media: 'an absolute https URL to a public host',
};

/** Names that never belong to a public host. Sources: RFC 6761, RFC 6762, RFC 8375, https://www.icann.org/en/board-activities-and-meetings/materials/approved-resolutions-special-meeting-of-the-icann-board-29-07-2024-en */
const INTERNAL_SUFFIXES = ['localhost', 'local', 'internal', 'intranet', 'lan', 'home.arpa', 'test', 'invalid'];

/** Source: https://adaptivecards.microsoft.com/?topic=Image ("PNG, JPEG, GIF and SVG"; data URLs since 1.2) */
const IMAGE_DATA = /^data:image\/(?:png|jpe?g|gif|svg\+xml);base64,[a-z0-9+/]+={0,2}$/i;

/**
 * Why a URL may not stand in a card for that use, or undefined when it may. The URL is never part of the answer: it can
 * be signed.
 *
 * `URL` has already turned decimal, octal, hexadecimal and short IPv4 forms into dotted ones when the address is looked at.
 */
export function urlProblem(url: string, use: UrlUse, policy: UrlPolicy = {}): string | undefined {
  if (use === 'image' && /^data:/i.test(url)) {
    return IMAGE_DATA.test(url) ? undefined : 'it is no image that Teams takes as data';
  }
  const parsed = absolute(encodedUrl(url));
  if (!parsed) return 'not an absolute URL';
  if (!/^https?:$/.test(parsed.protocol)) return `the scheme is "${parsed.protocol.slice(0, 20)}"`;
  if (!/^https?:\/\/[^/\\]/i.test(url.trim())) return 'not an absolute URL';
  if (parsed.username || parsed.password) return 'it carries a user name or password';
  const host = parsed.hostname.replace(/\.$/, '');
  if (use === 'open' ? policy.links !== 'public' : policy.imageHosts?.includes(host)) return undefined;
  if (parsed.protocol !== 'https:') return `the scheme is "${parsed.protocol}"`;
  return isPublicHost(host) ? undefined : 'it leads to an internal address';
}

/**
 * The URL with everything encoded that a URL may not contain as it is: blanks, quotes, brackets, control and
 * bidirectional characters. Hosts view a URL with such a character in different ways, or not at all. What is encoded
 * already stays. Idempotent.
 *
 * Source: https://datatracker.ietf.org/doc/html/rfc3986#section-2
 */
export function encodedUrl(url: string): string {
  const trimmed = url.trim();
  const start = /^[a-z][a-z0-9+.-]*:\/\/[^/?#\\\s]*/i.exec(trimmed)?.[0] ?? '';
  return start + trimmed.slice(start.length).replace(TO_ENCODE, encoded);
}

/** Everything but the reserved and unreserved ASCII characters and letters of other scripts; brackets of IPv6 are part of the host. */
const TO_ENCODE =
  /[\u0000-\u0020"<>[\\\]^`{|}\u007f-\u00a0\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufdd0-\ufdef\ufeff-\uffff]|\p{Cs}/gu;

/** Half a character has no encoding of its own: it becomes the replacement character. */
const encoded = (character: string) => encodeURIComponent(character.replace(/\p{Cs}/u, '\ufffd'));

/** Whether a Markdown target is one: `value[0](x)` and `[1](#top)` are text, no host makes a link of them. */
export function isMeantAsLink(target: string): boolean {
  return /^(?:[a-z][a-z0-9+.-]*:|[\\/]{2})/i.test(target.trim());
}

function absolute(url: string): URL | undefined {
  try {
    return new URL(url);
  } catch {
    return undefined;
  }
}

function isPublicHost(host: string): boolean {
  const address = host.replace(/^\[(.*)\]$/, '$1');
  if (/^[\d.]+$|:/.test(address)) return addressRange(address) === 'public';
  const internal = INTERNAL_SUFFIXES.some((suffix) => host === suffix || host.endsWith(`.${suffix}`));
  return host.includes('.') && !internal;
}
