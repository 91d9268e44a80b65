import type { Recovery } from '../../errors/sluice-error.ts';

/** What must hold for the body. */
export type BodyCondition =
  /** The body is a number: the count of messages that a connector posted. */
  | { readonly number: true }
  /** The body is what the flow's own Response action is set up to answer. */
  | { readonly receipt: true }
  /** The text quotes an inner HTTP status within this range, ends included. */
  | { readonly connectorStatus: readonly [from: number, to: number] }
  /** The beginning of the body holds one of these, letter case ignored. */
  | { readonly texts: readonly string[] }
  /** One of these is among the machine codes, letter case ignored. */
  | { readonly codes: readonly string[] };

interface RuleMatch {
  /** HTTP statuses, ends included. */
  readonly status: readonly [from: number, to: number];
  readonly when?: BodyCondition;
}

interface SuccessRule extends RuleMatch {
  readonly outcome: 'delivered' | 'accepted';
}

/** A refusal, or an answer that proves nothing. */
export interface FailureRule extends RuleMatch {
  readonly outcome: 'retry' | 'permanent' | 'unknown';
  readonly code: string;
  readonly recovery: Recovery;
  /**
   * Whose fault it is: the message's own, the URL's (`gone`: there is no such webhook; `endpoint`: it refuses every
   * message), the service's that answers (`service`) or does not (`outage`).
   */
  readonly blame: 'message' | 'gone' | 'endpoint' | 'service' | 'outage' | 'nobody';
  readonly meaning: string;
  readonly hint: string;
}

export type OutcomeRule = SuccessRule | FailureRule;

type Failure = Omit<FailureRule, keyof RuleMatch>;

const throttled: Failure = {
  outcome: 'retry',
  code: 'throttled',
  recovery: 'retry',
  blame: 'service',
  meaning: 'Too many messages for this webhook.',
  hint: 'Wait; blocks of hours were seen.',
};

const tooLarge: Failure = {
  outcome: 'permanent',
  code: 'card_too_large',
  recovery: 'user_action',
  blame: 'message',
  meaning: 'The message is larger than the webhook takes.',
  hint: 'Shorten or split it: 28 KB in UTF-8 at most.',
};

const payloadInvalid: Failure = {
  outcome: 'permanent',
  code: 'payload_invalid',
  recovery: 'user_action',
  blame: 'message',
  meaning: 'The webhook refused the content of the message.',
  hint: 'Check the card with "sluice card lint"; a flow with an own schema wants that schema.',
};

const permissionDenied: Failure = {
  outcome: 'permanent',
  code: 'permission_denied',
  recovery: 'user_action',
  blame: 'endpoint',
  meaning: 'The webhook refused the signature or the sender.',
  hint: 'Copy the URL from the flow again, and let anyone trigger the flow; an administrator may have disabled it.',
};

const serviceError: Failure = {
  outcome: 'retry',
  code: 'service_error',
  recovery: 'retry',
  blame: 'outage',
  meaning: 'The service behind the webhook failed.',
  hint: 'Try again.',
};

const configuration: Failure = {
  outcome: 'permanent',
  code: 'webhook_configuration',
  recovery: 'user_action',
  blame: 'endpoint',
  meaning: 'The webhook does not know the URL in this form.',
  hint: 'It was probably cut at "&"; copy the whole URL from the flow and put it in quotes.',
};

const notFound: Failure = {
  outcome: 'permanent',
  code: 'webhook_not_found',
  recovery: 'user_action',
  blame: 'gone',
  meaning: 'The webhook does not exist any more, or its flow is turned off.',
  hint: 'Ask its owner for the present URL.',
};

const redirected: Failure = {
  outcome: 'permanent',
  code: 'unexpected_redirect',
  recovery: 'user_action',
  blame: 'endpoint',
  meaning: 'The webhook answered with a redirect, which is never followed.',
  hint: 'Copy the URL from the flow again; a proxy may stand in between.',
};

const refused: Failure = {
  outcome: 'permanent',
  code: 'webhook_refused',
  recovery: 'user_action',
  blame: 'message',
  meaning: 'The webhook refused the request.',
  hint: 'Check that the URL is that of a webhook and the message a Teams message.',
};

const unknownDelivery: Failure = {
  outcome: 'unknown',
  code: 'delivery_unknown',
  recovery: 'retry',
  blame: 'service',
  meaning: 'The answer does not tell whether the message was posted.',
  hint: 'Look into the channel before sending it again.',
};

/** The statuses that a server can answer with. */
const ANY = [100, 599] as const;

/**
 * What the answers of webhooks mean: from special to general, the first row that fits decides. A 202 is no proof, the
 * flow has not run; a 200 may hold an error as text.
 *
 * @see https://github.com/MicrosoftDocs/msteams-docs/issues/9064 (why 200 on error)
 * @see https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using
 */
export const outcomeRules: readonly OutcomeRule[] = [
  { status: [200, 200], when: { receipt: true }, outcome: 'delivered' },
  { status: [200, 200], when: { number: true }, outcome: 'delivered' },
  { status: [200, 200], when: { connectorStatus: [429, 429] }, ...throttled },
  { status: [200, 200], when: { connectorStatus: [413, 413] }, ...tooLarge },
  { status: [200, 200], when: { connectorStatus: [403, 403] }, ...permissionDenied },
  { status: [200, 200], when: { connectorStatus: [400, 400] }, ...payloadInvalid },
  { status: [200, 200], when: { connectorStatus: [500, 599] }, ...serviceError },
  { status: [200, 200], when: { texts: ['error contacting microsoft teams endpoint'] }, ...serviceError },
  { status: [201, 299], outcome: 'accepted' },
  { status: [300, 399], ...redirected },
  { status: [400, 400], when: { codes: ['missingapiversionparameter'] }, ...configuration },
  { status: [400, 400], ...payloadInvalid },
  { status: [401, 401], ...permissionDenied },
  { status: [403, 403], ...permissionDenied },
  { status: [404, 404], ...notFound },
  { status: [408, 408], ...serviceError, blame: 'service' },
  { status: [410, 410], ...notFound },
  { status: [413, 413], ...tooLarge },
  { status: [425, 425], ...serviceError, blame: 'service' },
  { status: [429, 429], ...throttled },
  { status: [400, 499], ...refused },
  { status: [503, 503], ...serviceError },
  // The flow may have run before the failure: sent again, with the same id, and counted as unknown.
  { status: [500, 599], ...unknownDelivery, blame: 'outage' },
  { status: ANY, ...unknownDelivery },
];

/** Rows for what happens without an answer. */
export const sendRules = {
  too_large: tooLarge,
  not_json: {
    ...payloadInvalid,
    meaning: 'The message is not JSON.',
    hint: 'Give a value that JSON can hold: no cycle, no bigint, not undefined.',
  },
  not_sent: {
    outcome: 'retry',
    code: 'network_error',
    recovery: 'retry',
    blame: 'outage',
    meaning: 'The webhook was not reached; nothing was sent.',
    hint: 'Check network, proxy, DNS and certificates.',
  },
  given_up: {
    outcome: 'retry',
    code: 'attempt_given_up',
    recovery: 'retry',
    blame: 'nobody',
    meaning: 'The attempt was given up before it began; nothing was sent.',
    hint: 'It is tried again.',
  },
  address_refused: {
    outcome: 'permanent',
    code: 'address_not_allowed',
    recovery: 'user_action',
    blame: 'endpoint',
    meaning: 'The webhook may not be connected to: its address is not public, or it is not https.',
    hint: 'For a test twin name its host:port in the configuration.',
  },
  no_answer: {
    ...unknownDelivery,
    blame: 'outage',
    meaning: 'The message was sent and no whole answer came back, so it may have been posted.',
  },
} as const satisfies Record<string, Failure>;
