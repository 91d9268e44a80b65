import { type Refusal, refuse } from './refusals.ts';

type Part = Readonly<Record<string, unknown>>;

/** A token as it is written, before anything in it is believed. */
export interface UnverifiedToken {
  readonly text: string;
  readonly keyId: string;
  readonly algorithm: string;
}

/** Longer than any header that the server takes. */
const MAX_TOKEN_CHARACTERS = 16 * 1024;

/** Keys and places of keys that a token may bring: whoever wrote the token would choose what it is verified with. */
const OWN_KEYS = ['jwk', 'jku', 'x5u', 'x5c', 'crit', 'b64', 'zip'] as const;

/** The one algorithm that the bot services sign with. */
export const ALGORITHM = 'RS256';

/** The token of an `Authorization` header: the scheme once, one blank, one token. */
export function bearerToken(header: string | null): string | undefined {
  return /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(header ?? '')?.[1];
}

/**
 * Reads the header of a token. Everything that decides how it is verified is judged here, before a key is looked for:
 * the algorithm, keys that it brings, extensions. `cty: "JWT"` stands in real tokens and is let be.
 *
 * @see https://github.com/MicrosoftDocs/bot-docs/issues/2242
 * @see https://www.rfc-editor.org/rfc/rfc8725 (JSON Web Token Best Current Practices)
 */
export function readToken(text: string): UnverifiedToken | Refusal {
  if (text.length > MAX_TOKEN_CHARACTERS) return refuse('malformed');
  const [head, body, signature] = text.split('.');
  const header = readPart(head);
  if (!header || !readPart(body) || !isCanonical(signature)) return refuse('malformed');
  if (OWN_KEYS.some((name) => Object.hasOwn(header, name))) return refuse('header');
  const { alg: algorithm, kid: keyId } = header;
  if (algorithm !== ALGORITHM) return refuse('algorithm');
  if (typeof keyId !== 'string' || keyId === '') return refuse('unknown-key');
  return { text, keyId, algorithm };
}

/** One part of a token as an object; undefined when it is none, or is not written as base64url writes it. */
export function readPart(part: string | undefined): Part | undefined {
  if (!isCanonical(part)) return undefined;
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(part, 'base64url')));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Part) : undefined;
  } catch {
    return undefined;
  }
}

/** Decoders pass over bits that are left over, so that one signature could be written in several ways. */
function isCanonical(part: string | undefined): part is string {
  return part !== undefined && part !== '' && Buffer.from(part, 'base64url').toString('base64url') === part;
}
