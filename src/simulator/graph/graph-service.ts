import { playFaults } from '../faults/play.ts';
import { resourceUnits } from '../limits/rows.ts';
import { throttle, tooManyAtOnce } from '../limits/throttling.ts';
import type { Caller, TokenFault } from '../login/token-issuer.ts';
import type { TwinAnswer, TwinRequest } from '../protocol/exchange.ts';
import { withGraphHeaders } from '../protocol/graph-headers.ts';
import { type ExchangeIds, GraphRefusal, refusalAnswer, refusals } from '../protocol/graph-refusal.ts';
import { plainPath } from '../protocol/odata-path.ts';
import type { TwinServiceKind } from '../service.ts';
import { answerBatch } from './batch.ts';
import { firstQuery } from './page.ts';
import { checkQuery } from './query-options.ts';
import type { GraphRoute } from './route.ts';
import { findRoute } from './router.ts';
import type { World } from './world.ts';

/** Version root of the twin's Graph. */
export const graphRoot = '/v1.0';

const tokenRefusal: Record<TokenFault, () => ReturnType<typeof refusals.noToken>> = {
  expired: refusals.tokenExpired,
  malformed: refusals.tokenMalformed,
  audience: refusals.tokenAudience,
};

/** Answers Graph requests: faults, token, limits, permission, query options, route; in that order. */
function graphAnswers(world: World): (request: TwinRequest) => Promise<TwinAnswer> {
  const answer = async (request: TwinRequest): Promise<TwinAnswer> => {
    const requestId = world.runtime.id();
    const ids: ExchangeIds = {
      requestId,
      clientRequestId: request.header('client-request-id') ?? requestId,
      nowMs: world.clock.now(),
    };
    let onSent: (() => void) | undefined;
    const onEnter = (leave: () => void) => {
      onSent = leave;
    };
    const given = await answerOne(world, { request, ids, onEnter }, answer);
    world.counts.byStatus[given.status] = (world.counts.byStatus[given.status] ?? 0) + 1;
    const answered = { ...withGraphHeaders(given, ids, world.behaviour.dateSkewMs), onSent };
    const isGzip = world.behaviour.form === 'recorded' && /\bgzip\b/i.test(request.header('accept-encoding') ?? '');
    return isGzip ? { ...answered, transfer: 'gzip' } : answered;
  };
  return answer;
}

/** Microsoft Graph. */
export const graphService: TwinServiceKind<unknown> = (world) => {
  const answer = graphAnswers(world);
  return {
    has: `anything below ${graphRoot}`,
    handle: (request) => {
      const { pathname } = request.url;
      return pathname === graphRoot || pathname.startsWith(`${graphRoot}/`) ? answer(request) : undefined;
    },
    env: (url) => ({ TEAMS_GRAPH_URL: `${url}${graphRoot}` }),
  };
};

interface Asked {
  readonly request: TwinRequest;
  readonly ids: ExchangeIds;
  /** Takes what is to be called when the answer has been sent. */
  readonly onEnter: (leave: () => void) => void;
}

async function answerOne(
  world: World,
  { request, ids, onEnter }: Asked,
  answerInner: (inner: TwinRequest) => Promise<TwinAnswer>,
): Promise<TwinAnswer> {
  const path = plainPath(request.url.pathname).slice(graphRoot.length) || '/';
  const token = /^bearer (.+)$/i.exec(request.header('authorization') ?? '')?.[1];
  const play = playFaults(world, request, { service: 'graph', path }, ids, () => token && world.issuer.revoke(token));
  try {
    const instead = play.instead();
    if (instead) return instead;
    const caller = await callerOf(world, token);
    const answer =
      path.toLowerCase() === '/$batch'
        ? await answerBatch(world, request, answerInner)
        : answerRoute(world, { request, path, caller, ids, onEnter, pageLimit: play.pageLimit });
    return play.change(answer);
  } catch (error) {
    if (error instanceof GraphRefusal) return play.change(refusalAnswer(error.facts, ids));
    throw error;
  }
}

async function callerOf(world: World, token: string | undefined): Promise<Caller> {
  if (token === undefined) throw new GraphRefusal(refusals.noToken());
  const caller = await world.issuer.check(token);
  if (typeof caller === 'string') throw new GraphRefusal(tokenRefusal[caller]());
  return caller;
}

interface Admitted extends Asked {
  readonly path: string;
  readonly caller: Caller;
  readonly pageLimit: number | undefined;
}

function answerRoute(world: World, { request, path, caller, ids, onEnter, pageLimit }: Admitted): TwinAnswer {
  const first = firstQuery(request.url.searchParams);
  const { query } = first;
  const { clientId, tenantId, roles } = caller;
  const weighed = { method: request.method, path, query, clientId, tenantId };
  const throttled = throttle(world, weighed, ids);
  if (throttled) return throttled;
  const leave = world.meter.enter(weighed);
  if (!leave) return tooManyAtOnce(world, ids);
  onEnter(leave);
  const { route, ids: named } = findRoute(request.method, path);
  world.counts.byRoute[route.pattern] = (world.counts.byRoute[route.pattern] ?? 0) + 1;
  checkRole(world, route, world.grantedNow ?? roles);
  checkQuery(query, route.query);
  const answer = route.handle({
    ...first,
    pageLimit,
    request,
    ids: named,
    tenant: world.tenant,
    behaviour: world.behaviour,
    root: `${request.url.origin}${graphRoot}`,
    masked: !/include-unknown-enum-members/i.test(request.header('prefer') ?? ''),
    nowMs: ids.nowMs,
  });
  if (!route.directory) return answer;
  return { ...answer, headers: { ...answer.headers, 'x-ms-resource-unit': String(resourceUnits(path, query)) } };
}

function checkRole({ behaviour }: World, route: GraphRoute, roles: ReadonlySet<string>): void {
  if (route.roles.some((role) => roles.has(role))) return;
  if (route.directory) throw new GraphRefusal(refusals.insufficientPrivileges());
  const isNamed = behaviour.missingRole === 'named';
  throw new GraphRefusal(isNamed ? refusals.missingRole(route.roles, roles) : refusals.forbidden());
}
