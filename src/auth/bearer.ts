import { clientError } from '../errors/client-rules.ts';
import type { Surface } from '../errors/sluice-error.ts';
import type { Stage } from '../http/types.ts';
import type { TokenSource } from './token-source.ts';

/**
 * Adds the bearer token, to allowed places only. After a 401 the request is repeated once, with a new token if the
 * source gives one: Teams also refuses good tokens at times. A second 401 is the answer.
 *
 * @param options.allows - whether the token may go to a URL; asked before every request
 * @throws SluiceError `host_not_allowed` before anything is sent, or what the token source throws
 */
export function bearer(options: {
  readonly tokens: TokenSource;
  readonly allows: (url: string) => boolean;
  readonly surface: Surface;
}): Stage {
  const { allows, surface } = options;
  return (next) => async (request, signal) => {
    if (!allows(request.url)) throw clientError('host_not_allowed', request, { surface });
    const attempt = async () => {
      const token = await options.tokens.token(signal);
      const headers = { ...request.headers, authorization: `Bearer ${token.value.reveal()}` };
      return { token, response: await next({ ...request, headers }, signal) };
    };
    const first = await attempt();
    if (first.response.status !== 401) return first.response;
    options.tokens.invalidate(first.token);
    return (await attempt()).response;
  };
}
