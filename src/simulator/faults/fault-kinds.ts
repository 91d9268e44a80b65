import { loginError } from '../login/login-error.ts';
import { bodyText, type TwinAnswer, type WireFault } from '../protocol/exchange.ts';
import { type RefusalFacts, refusalAnswer, refusals } from '../protocol/graph-refusal.ts';
import { plainPath } from '../protocol/odata-path.ts';
import { pathSegments } from '../protocol/route-pattern.ts';
import { editAnswer } from './edit-record.ts';
import type { FaultHit, FaultKind } from './fault-kind.ts';
import type { FaultRule } from './fault-rule.ts';
import { pageFaults } from './page-faults.ts';

const refuse = (facts: RefusalFacts) => (hit: FaultHit) => refusalAnswer(facts, hit.ids);

const onWire =
  (wire: (hit: FaultHit) => WireFault) =>
  (answer: TwinAnswer, hit: FaultHit): TwinAnswer => ({ ...answer, wire: wire(hit) });

const nothing: TwinAnswer = { status: 200, headers: {}, body: '' };

const byStatus: Record<number, () => RefusalFacts> = {
  402: refusals.paymentRequired,
  404: refusals.channelNotFound,
  412: refusals.preconditionFailed,
  500: refusals.internal,
  502: refusals.badGateway,
  503: refusals.unavailable,
  504: refusals.gatewayTimeout,
};

function anyStatus(hit: FaultHit): TwinAnswer {
  const status = hit.rule.status ?? 503;
  const facts = byStatus[status]?.() ?? { status, code: 'UnknownError', message: '' };
  const headers = { ...hit.rule.headers, ...retryAfter(hit, hit.rule.retryAfter) };
  const refusal = refusalAnswer({ ...facts, headers }, hit.ids);
  return hit.rule.body === undefined ? refusal : { ...refusal, body: bodyOf(hit.rule.body) };
}

/** Whatever the rule says, word for word. */
function anyAnswer(hit: FaultHit): TwinAnswer {
  const { status = 200, body = {}, headers } = hit.rule;
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers, ...retryAfter(hit, hit.rule.retryAfter) },
    body: bodyOf(body),
  };
}

const bodyOf = (body: unknown): string => (typeof body === 'string' ? body : JSON.stringify(body));

function throttle(hit: FaultHit): TwinAnswer {
  return refusalAnswer(refusals.throttled(retryAfter(hit, hit.rule.retryAfter ?? 1)), hit.ids);
}

/** A Retry-After in the form that the rule asks for. */
function retryAfter({ rule, ids }: FaultHit, seconds: FaultRule['retryAfter'] = 'none'): Record<string, string> {
  if (seconds === 'none') return {};
  if (rule.retryAfterAs === 'milliseconds') return { 'retry-after-ms': String(seconds * 1000) };
  if (rule.retryAfterAs === 'date') return { 'retry-after': new Date(ids.nowMs + seconds * 1000).toUTCString() };
  return { 'retry-after': String(seconds) };
}

function teamGone(hit: FaultHit): TwinAnswer {
  const segments = pathSegments(plainPath(hit.request.url.pathname));
  const id = segments[segments.indexOf('teams') + 1] ?? '';
  return refusalAnswer(refusals.teamNotFound(id), hit.ids);
}

/** Every fault the twin can play, by name. */
export const faultKinds: Readonly<Record<string, FaultKind>> = {
  ...pageFaults,
  throttle: { summary: '429, with `retryAfter` seconds (default 1) or `none`', instead: throttle },
  status: { summary: 'any error `status`, default 503, with `body` and `headers`', instead: anyStatus },
  answer: { summary: 'any `status`, `body` and `headers`, word for word', instead: anyAnswer },
  unauthorized: { summary: '401 once for a good token', instead: refuse(refusals.tokenMalformed()) },
  'token-expired': {
    summary: '401 for this token from now on: a new one is needed',
    instead: (hit) => {
      hit.revokeToken();
      return refusalAnswer(refusals.tokenExpired(), hit.ids);
    },
  },
  forbidden: { summary: '403, access check failed', instead: refuse(refusals.accessCheck()) },
  'team-gone': { summary: '404, no such team', instead: teamGone },
  'delta-gone': {
    summary: '410 SyncStateNotFound with a Location to start over from',
    deltaTokensOnly: true,
    instead: (hit) => {
      const { origin, pathname } = hit.request.url;
      return refusalAnswer(refusals.deltaTokenGone(`${origin}${pathname}?$deltatoken=`), hit.ids);
    },
  },
  'delta-refused': {
    summary: '400, the parameter DeltaToken is not supported',
    deltaTokensOnly: true,
    instead: refuse(refusals.deltaRefused()),
  },
  'token-failure': {
    summary: 'the token endpoint answers 503 temporarily_unavailable',
    service: 'login',
    instead: (hit) => loginError(hit.runtime, 90033, 'A transient error has occurred. Please try again.'),
  },
  reset: {
    summary: 'the connection is reset, nothing is done',
    instead: () => ({ ...nothing, wire: { kind: 'reset' } }),
  },
  hang: { summary: 'no answer, nothing is done', instead: () => ({ ...nothing, wire: { kind: 'hang' } }) },
  'answered-late': {
    summary: 'the request is carried out and never answered',
    change: onWire(() => ({ kind: 'hang' })),
  },
  'cut-off': {
    summary: 'the connection breaks within the body, after `share` of it',
    change: onWire(({ rule }) => ({ kind: 'cut', share: rule.share })),
  },
  slow: {
    summary: 'the body takes `delayMs` (default 1,000)',
    change: onWire((hit) => ({ kind: 'slow', durationMs: hit.rule.delayMs ?? 1_000 })),
  },
  'wrong-length': { summary: 'content-length says more than comes', change: onWire(() => ({ kind: 'wrong-length' })) },
  'truncated-json': {
    summary: 'half of the JSON under a content-length that fits the half',
    change: (answer) => ({ ...answer, body: halfOf(bodyText(answer)) }),
  },
  'invalid-json': {
    summary: 'JSON with a stray character in the middle',
    change: (answer) => ({ ...answer, body: `${halfOf(bodyText(answer))}\u0001${otherHalf(bodyText(answer))}` }),
  },
  edit: {
    summary: 'bytes changed at a record (`edit`, `field`, `value`, `text`)',
    change: (answer, { rule, held }) => editAnswer(answer, rule, held),
  },
  html: {
    summary: 'status 200 and an HTML page, as a proxy in between gives',
    instead: () => ({
      status: 200,
      headers: { 'content-type': 'text/html; charset=utf-8' },
      body: '<!DOCTYPE html><html><head><title>Service</title></head><body>One moment, please.</body></html>',
    }),
  },
};

const halfOf = (text: string) => text.slice(0, Math.floor(text.length / 2));
const otherHalf = (text: string) => text.slice(Math.floor(text.length / 2));
