/**
 * Why an activity is refused: 401 for a token that is missing or bad, 403 for a good token with which this activity may
 * not be sent, 503 while no key is known. The answer says the status alone; the reason is logged and counted.
 *
 * @see https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication
 */
export const refusals = {
  'no-token': { status: 401, meaning: 'There is no Authorization header with one Bearer token.' },
  malformed: { status: 401, meaning: 'The token is no JWT, or is written in another way than it was signed.' },
  header: { status: 401, meaning: 'The header of the token brings its own key, or asks for an extension (crit).' },
  algorithm: { status: 401, meaning: 'The token is not signed with RS256, or the metadata does not list it.' },
  'unknown-key': { status: 401, meaning: 'No published key has the id that the token names.' },
  signature: { status: 401, meaning: 'The signature is not that of the key.' },
  issuer: { status: 401, meaning: 'The token was issued by somebody else than the bot service of this cloud.' },
  audience: { status: 401, meaning: 'The token is for another bot.' },
  expired: { status: 401, meaning: 'The token has ended, more than five minutes ago.' },
  'not-yet-valid': { status: 401, meaning: 'The token begins more than five minutes from now.' },
  times: { status: 401, meaning: 'The token does not say when it begins and ends, or ends before it begins.' },
  'service-url': {
    status: 403,
    meaning: 'The serviceUrl is not the one in the token, or its host is not on the list of this cloud.',
  },
  endorsement: { status: 403, meaning: 'The key that signed the token is not endorsed for the channel.' },
  channel: { status: 403, meaning: 'The activity comes from another channel than Teams.' },
  tenant: { status: 403, meaning: 'The activity names no tenant, two, or one that this bot does not serve.' },
  recipient: { status: 403, meaning: 'The activity is for another bot.' },
  'keys-unavailable': { status: 503, meaning: 'The signing keys could not be fetched, and none are known.' },
} as const satisfies Record<string, { readonly status: 401 | 403 | 503; readonly meaning: string }>;

export type RefusalReason = keyof typeof refusals;

/** An activity that is not taken. A result and no error: nothing of it is thrown through HTTP. */
export interface Refusal {
  readonly refused: RefusalReason;
}

export const refuse = (reason: RefusalReason): Refusal => ({ refused: reason });
export const isRefusal = (value: object): value is Refusal => 'refused' in value;
