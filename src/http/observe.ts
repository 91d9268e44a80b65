import { requestIdOf } from '../errors/request-id.ts';
import { isSluiceError } from '../errors/sluice-error.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Stage } from './types.ts';

/** Measures, traces and logs every attempt by method, route, status and duration. Never the URL, a header or a body. */
export function observe(options: { readonly telemetry: Telemetry; readonly runtime: Runtime }): Stage {
  const { telemetry, runtime } = options;
  return (next) => (request, signal) => {
    const operation = `${request.method} ${request.route}`;
    const startedAtMs = runtime.monotonic();
    const measure = (status: string) => {
      const durationMs = runtime.monotonic() - startedAtMs;
      telemetry.count('teams.graph.requests', 1, { operation, status });
      telemetry.record('teams.graph.latency_ms', durationMs, { operation });
      if (status === '429') telemetry.count('teams.graph.throttled', 1, { operation });
      return durationMs;
    };
    const attributes = { 'http.request.method': request.method, 'url.template': request.route };
    return telemetry.span('teams.graph.request', attributes, async (annotate) => {
      try {
        const response = await next(request, signal);
        const durationMs = measure(String(response.status));
        annotate({ 'http.response.status_code': response.status });
        const requestId = requestIdOf(response.headers);
        telemetry.log('graph.request', {
          operation,
          status: response.status,
          durationMs,
          ...(requestId && { requestId }),
        });
        return response;
      } catch (error) {
        const code = isSluiceError(error) ? error.code : 'unexpected';
        const durationMs = measure(code);
        annotate({ 'error.type': code });
        telemetry.log('graph.request_failed', { operation, code, durationMs });
        throw error;
      }
    });
  };
}
