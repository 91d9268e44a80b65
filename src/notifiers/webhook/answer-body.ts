/** What an answer's body says, as far as outcomes are decided by it. Never shown: it may quote the message. */
export interface BodyFacts {
  /** The beginning, lower case, without surrounding space and outer JSON quotes. */
  readonly text: string;
  /** Machine codes, outer ones first, lower case. */
  readonly codes: readonly string[];
  /** The HTTP status that a connector wrote into the text of its own 200. */
  readonly connectorStatus?: number | undefined;
  /** The wait that a quota text names. */
  readonly quotaMs?: number | undefined;
}

const MAX_TEXT = 4_096;
const MAX_DEPTH = 5;

/**
 * Reads a body leniently: JSON, JSON inside a JSON string, plain text, HTML or nothing, by a bounded beginning.
 *
 * @see https://github.com/MicrosoftDocs/msteams-docs/issues/1810 (errors inside a 200)
 */
export function readAnswerBody(body: Uint8Array): BodyFacts {
  const plain = new TextDecoder().decode(body.subarray(0, MAX_TEXT)).trim();
  const outer = parseJson(plain);
  const inner = typeof outer === 'string' ? outer.trim() : plain;
  const text = inner.toLowerCase();
  const [, status] = /returned http error (\d{3})\b/.exec(text) ?? [];
  const [, hours, minutes, seconds] = /replenished in (\d{1,4}):([0-5]\d):([0-5]\d)\b/.exec(text) ?? [];
  return {
    text,
    codes: readCodes(typeof outer === 'string' ? parseJson(inner) : outer),
    connectorStatus: status ? Number(status) : undefined,
    quotaMs: hours ? ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1_000 : undefined,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readCodes(value: unknown): string[] {
  const codes: string[] = [];
  let node = isRecord(value) && isRecord(value['error']) ? value['error'] : value;
  for (let depth = 0; isRecord(node) && depth < MAX_DEPTH; depth++) {
    if (typeof node['code'] === 'string') codes.push(node['code'].toLowerCase());
    node = node['innerError'] ?? node['innererror'];
  }
  return codes;
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
