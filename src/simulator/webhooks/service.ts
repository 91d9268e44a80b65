import { webhookLimits } from '../../limits/webhook-limits.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { TwinAnswer, TwinRequest } from '../protocol/exchange.ts';
import { behaviours, connectorError, quotaError, triggerError } from './behaviours.ts';
import { runConnector, runFlow, type Verdict } from './checks.ts';
import type { LedgerEntry, TwinWebhook } from './webhook.ts';

/** Forms as in https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using */
const FLOW_PATH = /^\/powerautomate\/automations\/direct\/workflows\/([^/]+)\/triggers\/manual\/paths\/invoke$/;
const CONNECTOR_PATH = /^\/webhookb2\/[^/]+\/IncomingWebhook\/([^/]+)\/[^/]+$/;

interface ServiceOptions {
  readonly webhooks: ReadonlyMap<string, TwinWebhook>;
  readonly runtime: Runtime;
  readonly now: () => number;
}

/** Answers requests at webhooks; undefined for any other path. */
export function createWebhookService({ webhooks, runtime, now }: ServiceOptions) {
  return async (request: TwinRequest): Promise<TwinAnswer | undefined> => {
    const { pathname } = request.url;
    const [, id] = FLOW_PATH.exec(pathname) ?? CONNECTOR_PATH.exec(pathname) ?? [];
    if (id === undefined) return undefined;
    const kind = FLOW_PATH.test(pathname) ? 'workflow' : 'connector';
    const webhook = webhooks.get(id);
    if (!webhook || webhook.kind !== kind)
      return triggerError(404, 'WorkflowNotFound', 'The workflow could not be found.');
    const body = await request.text();
    const arrival = { webhook, body, messageId: request.header('webhook-id') };
    const refusal = refuse(request, webhook, body);
    if (refusal) return record(arrival, 'refused', refusal);
    const waitMs = webhook.overLimitMs(now());
    if (waitMs !== undefined) {
      return record(arrival, 'over-limit', kind === 'workflow' ? quotaError(waitMs) : connectorError(429));
    }
    return play(arrival);
  };

  async function play(arrival: Arrival): Promise<TwinAnswer> {
    const { webhook, body } = arrival;
    const step = webhook.nextStep();
    const behaviour = behaviours[step.do];
    const verdict = behaviour.run === 'checked' ? check(webhook, body) : undefined;
    const answer = behaviour.answer(step);
    const entry = newEntry(arrival, step.do, answer);
    if (behaviour.run === 'failed') fail(entry, step.reason ?? 'The flow failed.');
    if (verdict) settle(arrival, entry, verdict, step.flowDelayMs);
    if (step.delayMs > 0) await runtime.sleep(step.delayMs);
    return answer;
  }

  function settle({ webhook }: Arrival, entry: LedgerEntry, verdict: Verdict, delayMs: number): void {
    const end = () => ('reason' in verdict ? fail(entry, verdict.reason) : webhook.post(entry, verdict.shown, now()));
    if (delayMs === 0) {
      end();
      return;
    }
    entry.run = 'running';
    // The flow runs on after the answer; when the twin ends before, so does the flow.
    runtime.sleep(delayMs).then(end, () => {});
  }

  function record(arrival: Arrival, behaviour: LedgerEntry['behaviour'], answer: TwinAnswer): TwinAnswer {
    newEntry(arrival, behaviour, answer);
    return answer;
  }

  function newEntry({ webhook, body, messageId }: Arrival, behaviour: LedgerEntry['behaviour'], answer: TwinAnswer) {
    const entry: LedgerEntry = {
      atMs: now(),
      ...(messageId !== undefined && { messageId }),
      bytes: Buffer.byteLength(body),
      behaviour,
      ...(!answer.wire && { status: answer.status }),
      run: 'none',
      duplicate: false,
    };
    webhook.ledger.push(entry);
    return entry;
  }
}

interface Arrival {
  readonly webhook: TwinWebhook;
  readonly body: string;
  readonly messageId: string | undefined;
}

const check = ({ kind }: TwinWebhook, body: string): Verdict =>
  kind === 'workflow' ? runFlow(body) : runConnector(body);

function fail(entry: LedgerEntry, reason: string): void {
  entry.run = 'failed';
  entry.reason = reason;
}

/** What the trigger refuses before anything runs. */
function refuse({ method, url }: TwinRequest, webhook: TwinWebhook, body: string): TwinAnswer | undefined {
  if (method !== 'POST') return triggerError(405, 'MethodNotAllowed', 'Only POST is allowed.');
  if (webhook.kind === 'connector') return refuseAtConnector(body);
  if (!url.searchParams.get('api-version')) {
    return triggerError(400, 'MissingApiVersionParameter', 'The api-version query parameter is required.');
  }
  if (url.searchParams.get('sig') !== webhook.signature) {
    return triggerError(401, 'DirectApiAuthorizationRequired', 'The request must be authenticated by the signature.');
  }
  return isJson(body)
    ? undefined
    : triggerError(400, 'InvalidRequestContent', 'The request content is not valid JSON.');
}

/** A connector told its sender at once, a flow answers before it looks. */
function refuseAtConnector(body: string): TwinAnswer | undefined {
  if (!isJson(body)) return plain(400, 'Bad payload received by generic incoming webhook.');
  if (Buffer.byteLength(body) > webhookLimits.connector.maxMessageBytes) return connectorError(413);
  const verdict = runConnector(body);
  return 'reason' in verdict ? plain(400, verdict.reason) : undefined;
}

const plain = (status: number, body: string): TwinAnswer => ({
  status,
  headers: { 'content-type': 'text/plain' },
  body,
});

function isJson(body: string): boolean {
  try {
    JSON.parse(body);
    return true;
  } catch {
    return false;
  }
}
