import type { Page } from '../graph/types.ts';
import { FIRST_INSTANT } from '../schema/first-instant.ts';
import { lostOn, records } from './records.ts';

/** A message as far as reading needs it. Any of its times may be missing: imports and old lists leave them out. */
export interface MessageRecord {
  readonly id?: unknown;
  readonly createdDateTime?: unknown;
  readonly lastModifiedDateTime?: unknown;
}

/** A root message with its inline replies. */
export interface Chain extends MessageRecord {
  readonly replies?: unknown;
  readonly 'replies@odata.nextLink'?: unknown;
  readonly 'replies@odata.count'?: unknown;
}

/**
 * When a message last changed, ms: its own time, else when it was created, else its id, which is the time of its
 * creation. NaN when nothing says so.
 */
export function ownMs(message: MessageRecord): number {
  const modifiedMs = timeMs(message.lastModifiedDateTime);
  return Number.isNaN(modifiedMs) ? createdMs(message) : modifiedMs;
}

export function createdMs(message: MessageRecord): number {
  const ms = timeMs(message.createdDateTime);
  return Number.isNaN(ms) ? idMs(message.id) : ms;
}

/** True when no range of time of change holds the message. */
export const isUntimed = ({ lastModifiedDateTime }: MessageRecord): boolean =>
  Number.isNaN(timeMs(lastModifiedDateTime));

/** When something last happened in a chain, ms: the list is ordered by it. NaN when nothing says so. */
export function activityMs(chain: Chain): number {
  const times = [chain, ...repliesOf(chain)].map(ownMs).filter((ms) => !Number.isNaN(ms));
  return times.length > 0 ? Math.max(...times) : Number.NaN;
}

export function repliesOf(chain: Chain): readonly MessageRecord[] {
  return Array.isArray(chain.replies) ? (chain.replies as MessageRecord[]).filter((reply) => isObject(reply)) : [];
}

/** The chains or messages of a page; what is no object is left to the lake. */
export const messagesOf = (page: Page): readonly Chain[] => records<Chain>(page).filter(isObject);

/** How many messages a page holds, replies among them. */
export const countOn = (page: Page): number =>
  messagesOf(page).reduce((sum, one) => sum + 1 + repliesOf(one).length, 0);

const FIRST_MS = Date.parse(FIRST_INSTANT);

function timeMs(value: unknown): number {
  const ms = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return ms < FIRST_MS ? Number.NaN : ms;
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Ids of messages are ms since 1970. https://learn.microsoft.com/en-us/graph/api/resources/chatmessage */
function idMs(id: unknown): number {
  return typeof id === 'string' && /^\d{12,14}$/.test(id) ? Number(id) : Number.NaN;
}

const MODIFIED = Buffer.from('"lastModifiedDateTime"');
const QUOTE = 0x22;
const COLON = 0x3a;
const BLANKS: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d]);
const LONGEST_TIME = 40;

/** All `lastModifiedDateTime`s of a page, ms, found in its bytes: a parse of every page would cost more than its way. */
export function timesOnPage(page: Pick<Page, 'bytes'>): number[] {
  const bytes = Buffer.from(page.bytes.buffer, page.bytes.byteOffset, page.bytes.byteLength);
  const times: number[] = [];
  for (let at = bytes.indexOf(MODIFIED); at >= 0; at = bytes.indexOf(MODIFIED, at + MODIFIED.length)) {
    const colon = skipBlanks(bytes, at + MODIFIED.length);
    const quote = skipBlanks(bytes, colon + 1);
    if (bytes[colon] !== COLON || bytes[quote] !== QUOTE) continue;
    const end = bytes.indexOf(QUOTE, quote + 1);
    if (end < 0 || end - quote > LONGEST_TIME) continue;
    const ms = timeMs(bytes.toString('latin1', quote + 1, end));
    if (!Number.isNaN(ms)) times.push(ms);
  }
  return times;
}

/**
 * The records of a page that are no JSON: of each the latest time of change that its bytes still show, ms; NaN when they
 * show none.
 */
export function lostTimes(page: Pick<Page, 'bytes'>): number[] {
  return lostOn(page)
    .map((bytes) => timesOnPage({ bytes }).reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY))
    .map((ms) => (Number.isFinite(ms) ? ms : Number.NaN));
}

function skipBlanks(bytes: Buffer, from: number): number {
  let at = from;
  while (BLANKS.has(bytes[at]!)) at += 1;
  return at;
}
