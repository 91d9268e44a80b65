import { json, type TwinAnswer } from '../protocol/exchange.ts';

/** The parts of a script's step that an answer is made of. */
interface StepFacts {
  readonly status?: number | undefined;
  readonly body?: string | undefined;
  readonly retryAfter?: number | undefined;
}

/** What a webhook does with a request that reached it. */
interface Behaviour {
  readonly summary: string;
  /** `checked`: posted or failed as the service would; `failed`: fails; `none`: nothing happens. */
  readonly run: 'checked' | 'failed' | 'none';
  answer(step: StepFacts): TwinAnswer;
}

const text = (status: number, body: string, headers: Readonly<Record<string, string>> = {}): TwinAnswer => ({
  status,
  headers: { ...(body !== '' && { 'content-type': 'text/plain; charset=utf-8' }), ...headers },
  body,
});

const accepted = () => text(202, '');
const wire = (kind: 'reset' | 'hang') => (): TwinAnswer => ({ ...text(200, ''), wire: { kind } });

/** The words of the connectors, as met in https://github.com/MicrosoftDocs/msteams-docs/issues/1810 and others. */
export const connectorError = (status: number) =>
  text(
    200,
    `Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error ${status} with ContextId tcid=0,server=TWIN,cv=twin.0..`,
  );

/** The words of Power Platform. https://github.com/MicrosoftDocs/powerapps-docs/issues/1304 */
export function quotaError(waitMs: number): TwinAnswer {
  const seconds = Math.max(1, Math.ceil(waitMs / 1_000));
  const parts = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  const wait = parts.map((part) => String(part).padStart(2, '0')).join(':');
  return text(429, `Out of call volume quota. Quota will be replenished in ${wait}.`);
}

/** An error body of the flow trigger. Codes: https://learn.microsoft.com/azure/logic-apps, and public reports. */
export const triggerError = (status: number, code: string, message: string) =>
  json(status, { error: { code, message } });

function anyStatus({ status = 503, body = '', retryAfter }: StepFacts): TwinAnswer {
  return text(status, body, retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) });
}

/** Everything a webhook can be told to do, by name. */
export const behaviours = {
  flow: { summary: '202, then the flow posts or fails as the real one would', run: 'checked', answer: accepted },
  'flow-fails': { summary: '202, then the flow fails with `reason`', run: 'failed', answer: accepted },
  'flow-response': {
    summary: '200 with `body` from a Response action after the post',
    run: 'checked',
    answer: ({ body = 'posted' }) => text(200, body),
  },
  status: { summary: '`status` (503) with `body` and `retryAfter`, nothing posted', run: 'none', answer: anyStatus },
  throttle: {
    summary: '429 with the text of Power Platform and a wait of `retryAfter` seconds (1)',
    run: 'none',
    answer: ({ retryAfter = 1 }) => quotaError(retryAfter * 1_000),
  },
  'executed-status': {
    summary: 'posted, then answered `status` (500)',
    run: 'checked',
    answer: (step) => anyStatus({ ...step, status: step.status ?? 500 }),
  },
  redirect: {
    summary: '307 to an address within the network (`body` is the Location)',
    run: 'none',
    answer: ({ body = 'http://169.254.169.254/latest/meta-data/' }) => text(307, '', { location: body }),
  },
  reset: { summary: 'the connection is reset, nothing posted', run: 'none', answer: wire('reset') },
  'executed-reset': { summary: 'posted, then the connection is reset', run: 'checked', answer: wire('reset') },
  hang: { summary: 'no answer, nothing posted', run: 'none', answer: wire('hang') },
  'executed-hang': { summary: 'posted, and never answered', run: 'checked', answer: wire('hang') },
  retired: {
    summary: '200 with the text of a connector error `status` (403), nothing posted',
    run: 'none',
    answer: ({ status = 403 }) => connectorError(status),
  },
  unreachable: {
    summary: '200 with the text that Teams was not reached, nothing posted',
    run: 'none',
    answer: () => text(200, 'Webhook message delivery failed with error: Error contacting Microsoft Teams endpoint'),
  },
  dump: {
    summary: '200 with the dump of a response object, nothing posted',
    run: 'none',
    answer: () => json(200, { version: '1.1', statusCode: 200, isSuccessStatusCode: true }),
  },
  connector: {
    summary: '200 with `1`, as connectors did while they lived',
    run: 'checked',
    answer: () => text(200, '1'),
  },
} as const satisfies Record<string, Behaviour>;

export type BehaviourName = keyof typeof behaviours;
export const behaviourNames = Object.keys(behaviours) as [BehaviourName, ...BehaviourName[]];
