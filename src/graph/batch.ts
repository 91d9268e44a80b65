import { clientError } from '../errors/client-rules.ts';
import { graphError } from '../errors/graph-error.ts';
import { isTransientStatus } from '../http/retry.ts';
import type { HttpRequest, Send } from '../http/types.ts';
import type { Governor, Permit } from '../limits/governor.ts';
import type { Runtime } from '../runtime/runtime.ts';

/** One request inside of a `$batch`. */
export interface BatchRequest {
  readonly method: HttpRequest['method'];
  /** Path below the version root. */
  readonly url: string;
  readonly route: string;
  readonly ids?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** The answer to one of them, whatever its status. */
export interface BatchAnswer {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** @see https://learn.microsoft.com/en-us/graph/json-batching */
const MAX_BATCH = 20;
const ATTEMPTS = 5;
const BASE_MS = 500;
const PATIENCE_MS = 600_000;

interface Entry {
  readonly index: number;
  readonly request: BatchRequest;
  failures: number;
}

interface InnerAnswer {
  readonly id: unknown;
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface BatchOptions {
  readonly graphUrl: string;
  /** Sends the outer request. It takes no turn of its own: the first inner request holds it. */
  readonly send: Send;
  readonly governor: Governor;
  readonly runtime: Runtime;
}

/**
 * Sends requests twenty at a time; each one takes its own turn under the limits, because the service weighs them one by
 * one. Answers are matched by id and given in the order of the requests. Throttled and failed ones are sent again alone.
 *
 * @throws SluiceError when the batch as a whole is refused
 */
export function createBatch(options: BatchOptions) {
  return async (requests: readonly BatchRequest[], signal?: AbortSignal): Promise<BatchAnswer[]> => {
    const answers: BatchAnswer[] = [];
    const startedAtMs = options.runtime.monotonic();
    let waiting: Entry[] = requests.map((request, index) => ({ index, request, failures: 0 }));
    while (waiting.length > 0) {
      const { entries, permits, rest } = await board(waiting, options.governor, signal);
      const inner = await exchange(entries, permits, options, signal);
      const again = entries.filter((entry, position) => {
        const answer = inner.get(String(position));
        if (isFinal(entry, answer, options.runtime.monotonic() - startedAtMs)) {
          answers[entry.index] = toAnswer(answer);
          return false;
        }
        if (answer?.status !== 429) entry.failures++;
        return true;
      });
      const failures = Math.max(0, ...again.map((entry) => entry.failures));
      if (failures > 0) await options.runtime.sleep(options.runtime.random() * BASE_MS * 2 ** (failures - 1), signal);
      waiting = [...rest, ...again];
    }
    return answers;
  };
}

/** Waits for the turn of the first one and takes along whoever may go now. */
async function board(waiting: readonly Entry[], governor: Governor, signal: AbortSignal | undefined) {
  const [first, ...others] = waiting;
  const entries = [first!];
  const permits = [await governor.acquire(first!.request, signal)];
  const rest: Entry[] = [];
  for (const entry of others) {
    const permit = entries.length < MAX_BATCH ? governor.tryAcquire(entry.request) : undefined;
    if (permit) {
      entries.push(entry);
      permits.push(permit);
    } else rest.push(entry);
  }
  return { entries, permits, rest };
}

async function exchange(
  entries: readonly Entry[],
  permits: readonly Permit[],
  options: BatchOptions,
  signal: AbortSignal | undefined,
): Promise<Map<string, InnerAnswer>> {
  const inner = new Map<string, InnerAnswer>();
  try {
    const outer: HttpRequest = {
      method: 'POST',
      url: `${options.graphUrl}/$batch`,
      route: '/$batch',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify({ requests: entries.map(({ request }, position) => toInner(request, position)) }),
      idempotent: entries.every(({ request }) => request.method === 'GET'),
    };
    const response = await options.send(outer, signal);
    if (response.status !== 200) throw graphError(response, outer, options.runtime.now());
    for (const answer of readResponses(response.body, outer)) inner.set(String(answer.id), answer);
    return inner;
  } finally {
    permits.forEach((permit, position) => {
      const answer = inner.get(String(position));
      permit.settle(answer && { status: answer.status, headers: lowerCase(answer.headers) });
    });
  }
}

function toInner(request: BatchRequest, position: number) {
  return {
    id: String(position),
    method: request.method,
    url: request.url,
    headers: { ...(request.body !== undefined && { 'Content-Type': 'application/json' }), ...request.headers },
    body: request.body,
  };
}

function readResponses(body: Uint8Array, outer: HttpRequest): InnerAnswer[] {
  try {
    const { responses } = JSON.parse(Buffer.from(body).toString('utf8')) as { responses: InnerAnswer[] };
    return responses.filter(({ status }) => Number.isInteger(status));
  } catch {
    throw clientError('page_invalid', outer, { surface: 'graph', status: 200 });
  }
}

function isFinal(entry: Entry, answer: InnerAnswer | undefined, elapsedMs: number): boolean {
  if (answer?.status === 429) return elapsedMs > PATIENCE_MS;
  if (answer && !isTransientStatus(answer.status)) return true;
  return entry.request.method !== 'GET' || entry.failures + 1 >= ATTEMPTS;
}

/** An answer that never came counts as that of a bad gateway. */
function toAnswer(answer: InnerAnswer | undefined): BatchAnswer {
  if (!answer) return { status: 502, headers: {}, body: undefined };
  return { status: answer.status, headers: lowerCase(answer.headers), body: answer.body };
}

const lowerCase = (headers: Readonly<Record<string, string>> = {}) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]));
