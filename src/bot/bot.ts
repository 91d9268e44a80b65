import type { CloudName } from '../auth/clouds.ts';
import type { Credential } from '../auth/credential.ts';
import { isSluiceError } from '../errors/sluice-error.ts';
import { fetchTransport } from '../http/fetch-transport.ts';
import { type BodyProblem, readJsonBody } from '../http/read-json-body.ts';
import { timeout } from '../http/timeout.ts';
import type { Send } from '../http/types.ts';
import { isGuid } from '../runtime/guid.ts';
import { type Runtime, systemRuntime } from '../runtime/runtime.ts';
import { createTelemetry, type Telemetry } from '../telemetry/telemetry.ts';
import type { Envelope } from './activities/envelope.ts';
import { readActivity, readEnvelope } from './activities/read-activity.ts';
import { type AnyHandler, createChain, type Handler, type InvokeHandler, type Middleware } from './chain.ts';
import { botPlace } from './clouds.ts';
import { botTokens } from './connector/bot-tokens.ts';
import { createConnector } from './connector/connector.ts';
import { createPacing, memoryCounts } from './connector/pacing.ts';
import { botErrors } from './errors.ts';
import type { PlainFilter } from './filters.ts';
import type { InvokeAnswer, InvokeName } from './invokes/invokes.ts';
import type { BotStore } from './store/bot-store.ts';
import { manyListening, takeTurn } from './turn.ts';
import { memoryTurns, type Turns, type Work } from './turns.ts';
import { isRefusal, type RefusalReason, refusals } from './verification/refusals.ts';
import { createSigningKeys } from './verification/signing-keys.ts';
import { type Audience, judgeActivity, verifyToken } from './verification/verify.ts';

export interface BotOptions {
  /** Application (client) id of the Azure bot. Without one no token could be checked, so there is no bot. */
  readonly appId: string;
  /** The tenant that the bot serves, or several. There is no word for "all". */
  readonly tenant: string | readonly string[];
  /** How the bot proves itself when it speaks. Without one it listens and answers invokes. */
  readonly credential?: Credential | undefined;
  /** Default `public`. */
  readonly cloud?: CloudName | undefined;
  /** A twin on this machine, instead of the cloud's hosts: the same checks, with the twin's keys. */
  readonly twinUrl?: string | undefined;
  /** What a person reads when a handler of an invoke failed or took too long. */
  readonly failureText?: string | undefined;
  /** Carries the requests of the bot. Default: that of the process. */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** The same as a stage of ours, in place of `fetch`: with proxies and own authorities. */
  readonly send?: Send | undefined;
  /** Clock, chance, ids. Default: those of the process. */
  readonly runtime?: Runtime | undefined;
  readonly telemetry?: Telemetry | undefined;
  /**
   * Where activities and conversations are kept ({@link openBotStore}): each activity is stored before it is answered and
   * worked on once, also when the process was killed; call {@link Bot.work} too. Without one, repeats are known to this
   * process alone, and an activity is answered when its handlers are done.
   */
  readonly store?: BotStore | undefined;
}

/** A bot: handlers behind a secure endpoint. */
export interface Bot {
  /** Adds middleware: it sees every activity that was taken, before handlers that are registered later. */
  use(middleware: Middleware): Bot;
  /**
   * Adds a handler of an invoke: it gives the body of the answer, within five seconds.
   *
   * @throws SluiceError `bot_filter_unknown`
   */
  on<Name extends InvokeName>(
    filter: `invoke:${Name}` | readonly `invoke:${Name}`[],
    handler: InvokeHandler<Name>,
  ): Bot;
  /**
   * Adds a handler. The first that fits works on an activity; one that calls `next` lets later ones work too.
   *
   * @throws SluiceError `bot_filter_unknown`
   */
  on<Given extends PlainFilter>(filter: Given | readonly Given[], handler: Handler<Given>): Bot;
  /** The endpoint: a function from request to answer, whatever the path. It does not reject. */
  readonly fetch: (request: Request) => Promise<Response>;
  /**
   * With a store: goes on with what an earlier process has left, and tries again what failed, until the signal is
   * aborted; then what is under way is finished.
   */
  work(signal: AbortSignal): Promise<void>;
}

/** Teams' own messages have 100 KB at most; cards with inline pictures are larger. */
const MAX_BODY_BYTES = 1024 * 1024;
const KEY_TIMEOUT_MS = 10_000;
/** How long a handler waits for room in the published windows. */
const PACING_PATIENCE_MS = 60_000;
const FAILURE_TEXT = 'Something went wrong. Please try again.';

const bodyStatus: Readonly<Record<BodyProblem, number>> = {
  content_type: 415,
  body_too_large: 413,
  body_incomplete: 400,
};

/**
 * Makes a bot for Microsoft Teams. Every check of its endpoint is always on.
 *
 * @throws SluiceError `bot_app_id_missing`, `bot_tenant_missing`, `bot_twin_invalid`, `unknown_value`
 * @see https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication
 */
export function createBot(options: BotOptions): Bot {
  const { runtime = systemRuntime, telemetry = createTelemetry(), failureText = FAILURE_TEXT } = options;
  const audience = audienceOf(options);
  const { appId } = audience;
  const transport =
    options.send ?? (options.fetch ? fetchTransport({ fetch: options.fetch, surface: 'bot' }) : ownTransport());
  const { cloud = 'public', credential, twinUrl: loginUrl } = options;
  const { place, tenants } = audience;
  const send = timeout({ runtime, defaultMs: KEY_TIMEOUT_MS, surface: 'bot' })(transport);
  const keys = createSigningKeys({ place, send, runtime, telemetry });
  const tokens = botTokens({ appId, credential, cloud, tenants, loginUrl, send, runtime, telemetry });
  const counts = options.store?.counts ?? memoryCounts(runtime);
  const pacing = createPacing({ appId, counts, runtime, patienceMs: PACING_PATIENCE_MS });
  const connector = createConnector({ place, tokens, send: transport, runtime, telemetry, pacing });
  const chain = createChain();
  const never = manyListening(new AbortController().signal);
  const work: Work = (activity, tenantId, record) =>
    takeTurn(activity, tenantId, { chain, connector, appId, runtime, telemetry, failureText, never, record });
  const turns = turnsOf(options.store, { appId, work, runtime, telemetry });

  const refused = (reason: RefusalReason): Response => {
    telemetry.count('teams.bot.refused', 1, { reason });
    telemetry.log('bot.refused', { reason });
    return new Response(null, { status: refusals[reason].status });
  };
  const unread = (reason: string, status: number): Response => {
    telemetry.count('teams.bot.refused', 1, { reason });
    telemetry.log('bot.refused', { reason });
    return new Response(null, { status });
  };

  const take = async (given: Envelope): Promise<Response> => {
    const activity = readActivity(given);
    const { answer: reply, repeated } = await (await turns).take(given, activity);
    if (!activity) telemetry.count('teams.bot.activities', 1, { type: 'other', outcome: 'unknown' });
    else if (repeated) telemetry.count('teams.bot.activities', 1, { type: activity.type, outcome: 'repeated' });
    return respond(reply);
  };

  const answer = async (request: Request): Promise<Response> => {
    if (request.method !== 'POST') return new Response(null, { status: 405, headers: { allow: 'POST' } });
    const token = await verifyToken(request.headers.get('authorization'), { ...audience, keys, runtime });
    if (isRefusal(token)) return refused(token.refused);
    const body = await readJsonBody(request, MAX_BODY_BYTES);
    if ('problem' in body) return unread(body.problem, bodyStatus[body.problem]);
    const given = readEnvelope(body.bytes);
    const refusal = judgeActivity(given, token, audience);
    return refusal ? refused(refusal.refused) : take(given);
  };

  const bot: Bot = {
    use: (middleware) => {
      chain.use(middleware);
      return bot;
    },
    on: (filter: string | readonly string[], handler: AnyHandler) => {
      chain.on(typeof filter === 'string' ? [filter] : filter, handler);
      return bot;
    },
    fetch: async (request) => {
      try {
        return await answer(request);
      } catch (error) {
        if (botErrors.activity_invalid.is(error)) return unread(error.code, 400);
        telemetry.log('bot.failed', { code: isSluiceError(error) ? error.code : 'unexpected' });
        return new Response(null, { status: 500 });
      }
    },
    work: async (signal) => (await turns).work(signal),
  };
  return bot;
}

/** Sockets to one host. */
const CONNECTIONS = 16;

/** What a process that gives none sends with: loaded with the first request. */
function ownTransport(): Send {
  let opened: Promise<Send> | undefined;
  const open = async (): Promise<Send> => {
    const { undiciTransport } = await import('../http/undici-transport.ts');
    return undiciTransport({ connections: CONNECTIONS, surface: 'bot' }).send;
  };
  return async (request, signal) => {
    opened ??= open();
    return (await opened)(request, signal);
  };
}

function audienceOf({ appId, tenant, cloud = 'public', twinUrl }: BotOptions): Audience {
  const tenants = typeof tenant === 'string' ? [tenant] : (tenant ?? []);
  // A caller in JavaScript may give anything.
  if (typeof appId !== 'string' || !isGuid(appId)) throw botErrors.bot_app_id_missing();
  if (tenants.length === 0 || !tenants.every(isGuid)) throw botErrors.bot_tenant_missing();
  return {
    appId: appId.toLowerCase(),
    tenants: new Set(tenants.map((id) => id.toLowerCase())),
    place: botPlace(cloud, twinUrl),
  };
}

/** What keeps turns in a database is loaded when there is one. */
async function turnsOf(
  store: BotStore | undefined,
  options: { readonly appId: string; readonly work: Work; readonly runtime: Runtime; readonly telemetry: Telemetry },
): Promise<Turns> {
  if (!store) return memoryTurns(options.work);
  const { durableTurns } = await import('./durable-turns.ts');
  return durableTurns({ store, ...options });
}

const respond = ({ status, body }: InvokeAnswer): Response =>
  body === undefined ? new Response(null, { status }) : Response.json(body, { status });
