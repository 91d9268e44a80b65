import type { Runtime } from '../../runtime/runtime.ts';
import type { TwinAnswer, TwinRequest } from './exchange.ts';

/** A fetch request as the twin reads it. */
export function fromFetch(request: Request): TwinRequest {
  return {
    method: request.method,
    url: new URL(request.url),
    header: (name) => request.headers.get(name) ?? undefined,
    text: () => request.text(),
  };
}

/** An answer as fetch gives it: wire faults look as they do to a fetch client. */
export async function toFetch(answer: TwinAnswer, request: Request, runtime: Runtime): Promise<Response> {
  const bytes = typeof answer.body === 'string' ? Buffer.from(answer.body) : answer.body;
  const { wire, onSent } = answer;
  if (wire?.kind !== 'slow' && wire?.kind !== 'hang') onSent?.();
  if (wire?.kind === 'reset') throw connectionError('ECONNRESET');
  if (wire?.kind === 'hang') await aborted(request.signal).finally(onSent);
  const body = wire ? faultyBody(bytes, answer, runtime, request.signal) : Buffer.from(bytes);
  return new Response(bytes.length === 0 ? null : body, { status: answer.status, headers: answer.headers });
}

const connectionError = (code: string) =>
  new TypeError('fetch failed', { cause: Object.assign(new Error('The connection broke.'), { code }) });

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}

function faultyBody(
  bytes: Uint8Array,
  { wire, onSent }: TwinAnswer,
  runtime: Runtime,
  signal: AbortSignal,
): ReadableStream {
  return new ReadableStream({
    start: async (controller) => {
      if (wire?.kind === 'slow') {
        await runtime.sleep(wire.durationMs, signal).finally(onSent);
        controller.enqueue(bytes);
        controller.close();
        return;
      }
      const share = wire?.kind === 'cut' ? wire.share : 1;
      controller.enqueue(bytes.subarray(0, Math.max(1, Math.floor(bytes.length * share))));
      controller.error(connectionError('UND_ERR_SOCKET'));
    },
  });
}
