import { clientError } from '../errors/client-rules.ts';
import type { Surface } from '../errors/sluice-error.ts';
import type { HttpResponse, Send } from './types.ts';

/**
 * Sends through a `fetch` function, for example that of a simulator in the same process.
 *
 * @throws SluiceError `network_error` when the function rejects
 */
export function fetchTransport(options: { readonly fetch: typeof globalThis.fetch; readonly surface: Surface }): Send {
  return async (request, signal) => {
    try {
      const response = await options.fetch(request.url, {
        method: request.method,
        redirect: 'manual',
        ...(request.headers && { headers: request.headers }),
        ...(request.body !== undefined && { body: request.body as string }),
        ...(signal && { signal }),
      });
      const body = new Uint8Array(await response.arrayBuffer());
      return { status: response.status, headers: Object.fromEntries(response.headers), body } satisfies HttpResponse;
    } catch (error) {
      signal?.throwIfAborted();
      throw clientError('network_error', request, { surface: options.surface, cause: error, details: { sent: true } });
    }
  };
}
