import { bearer } from '../../auth/bearer.ts';
import type { TokenSource } from '../../auth/token-source.ts';
import { botError } from '../../errors/bot-error.ts';
import { compose } from '../../http/compose.ts';
import { retry } from '../../http/retry.ts';
import { retryBudget } from '../../http/retry-budget.ts';
import { timeout } from '../../http/timeout.ts';
import type { HttpRequest, HttpResponse, Send } from '../../http/types.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import type { BotPlace } from '../clouds.ts';
import type { Pacing } from './pacing.ts';
import { type Connector, type ConnectorRequest, routes } from './request.ts';

const WITHOUT_BODY = { accept: 'application/json' };
const WITH_BODY = { ...WITHOUT_BODY, 'content-type': 'application/json; charset=utf-8' };

const TIMEOUT_MS = 15_000;
/** @see https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit (3 retries, 2 s to 20 s) */
const RETRIES = { attempts: 4, baseMs: 2_000, capMs: 20_000 };
/** Somebody else was faster: nothing was done. */
const NOT_DONE: ReadonlySet<number> = new Set([409, 412]);
const REPEATABLE: ReadonlySet<number> = new Set([409, 412, 500, 502, 503, 504]);

/**
 * The connector client. The bot's token goes only to hosts on the list of its cloud, whatever an activity said; that is
 * asked again before every request. A 401 fetches one new token. What proves that nothing was posted is repeated, and so
 * are edits and deletes; a message of which nobody knows is not.
 *
 * @throws SluiceError of surface `bot`, or of the sign-in
 */
export function createConnector(options: {
  readonly place: BotPlace;
  readonly tokens: TokenSource;
  readonly send: Send;
  readonly runtime: Runtime;
  readonly telemetry: Telemetry;
  /** Keeps the published windows; every attempt counts. */
  readonly pacing: Pacing;
  /** `outbox`: one attempt each; who sends has a schedule of its own. */
  readonly repeats?: 'here' | 'outbox' | undefined;
}): Connector {
  const { place, tokens, runtime, telemetry, pacing } = options;
  const count =
    (next: Send): Send =>
    async (request, signal) => {
      const answer = await next(request, signal);
      telemetry.count('teams.bot.requests', 1, {
        operation: `${request.method} ${request.route}`,
        status: String(answer.status),
      });
      return answer;
    };
  const here = retry({
    ...RETRIES,
    budget: retryBudget(),
    runtime,
    isRetryable: ({ status }) => REPEATABLE.has(status),
    neverHappened: ({ status }) => NOT_DONE.has(status),
  });
  const once = compose(
    bearer({ tokens, allows: (url) => place.isServiceUrl(url.replace(/\?.*$/, '')), surface: 'bot' }),
    timeout({ runtime, defaultMs: TIMEOUT_MS, surface: 'bot' }),
    count,
  )(options.send);
  return async (wanted, signal) => {
    const request = toRequest(wanted);
    const paced: Send = async (given, aborted) => {
      await pacing(wanted, aborted);
      return once(given, aborted);
    };
    const isOnce = wanted.repeats === 'never' || options.repeats === 'outbox';
    const answer = await (isOnce ? paced : here(paced))(request, signal);
    if (answer.status < 200 || answer.status > 299) throw botError(answer, request, runtime.now());
    return bodyOf(answer);
  };
}

function toRequest({
  method,
  serviceUrl,
  route,
  conversationId,
  activityId,
  query,
  body,
  repeats,
}: ConnectorRequest): HttpRequest {
  // Ids hold `;`, `:` and `@`: each is one segment.
  const path = routes[route]
    .replace('{conversation-id}', encodeURIComponent(conversationId ?? ''))
    .replace('{activity-id}', encodeURIComponent(activityId ?? ''));
  const search = query === undefined ? '' : `?${new URLSearchParams(query)}`;
  return {
    method,
    url: `${serviceUrl.replace(/\/+$/, '')}${path}${search}`,
    route: routes[route],
    headers: body ? WITH_BODY : WITHOUT_BODY,
    body: body && JSON.stringify(body),
    idempotent: method !== 'POST' || repeats === 'always',
  };
}

/** An answer that is no JSON says nothing more than its status. */
function bodyOf({ body }: HttpResponse): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    return undefined;
  }
}
