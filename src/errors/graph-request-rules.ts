import { type ErrorRule, graphRule as rule } from './error-rule.ts';

const queryOptionUnsupported = {
  code: 'query_option_unsupported',
  recovery: 'fail',
  meaning: 'The endpoint does not support a query option.',
  hint: 'Read without this option.',
  otherRead: true,
} as const;

const idInvalid = {
  code: 'id_invalid',
  recovery: 'user_action',
  meaning: 'An id in the path is malformed.',
  hint: 'Correct the id; a channel id looks like 19:…@thread.tacv2.',
} as const;

const notFound = {
  code: 'not_found',
  recovery: 'skip',
  meaning: 'The object is not there, or not there yet.',
  hint: 'It is skipped and recorded; the next run tries again.',
  otherRead: true,
} as const;

/** What was asked for: 400 and 404. */
export const graphRequestRules: readonly ErrorRule[] = [
  // 400
  rule({
    status: [400],
    when: { prefixes: ["Parameter 'DeltaToken' not supported", 'Change tracking is not supported'] },
    code: 'delta_unsupported',
    recovery: 'skip',
    meaning: 'Delta is not possible on this collection.',
    hint: 'Read it with the list strategy.',
    otherRead: true,
  }),
  rule({
    status: [400],
    when: { codes: ['NameAlreadyExists'] },
    code: 'name_taken',
    recovery: 'user_action',
    meaning: 'The name is already in use.',
    hint: 'Choose another name.',
  }),
  rule({
    status: [400],
    when: { codes: ['ExpandNotSupported'] },
    ...queryOptionUnsupported,
  }),
  rule({
    status: [400],
    when: {
      prefixes: [
        'The query specified in the URI is not valid',
        'Query option ',
        'The entity property ',
        'Invalid filter clause',
      ],
    },
    ...queryOptionUnsupported,
  }),
  rule({
    status: [400],
    when: { prefixes: ['Resource not found for the segment'] },
    code: 'path_unknown',
    recovery: 'fail',
    meaning: 'The path does not exist in this version of Graph.',
    hint: 'Check the Graph URL; it must end in the version, for example /v1.0.',
    otherRead: true,
  }),
  rule({
    status: [400],
    when: { prefixes: ['Invalid hostname for this tenancy'] },
    code: 'host_wrong',
    recovery: 'user_action',
    meaning: 'The host name belongs to no site of this tenant.',
    hint: 'Correct the host name.',
  }),
  rule({
    status: [400],
    when: {
      codes: ['ErrorInvalidIdMalformed'],
    },
    ...idInvalid,
  }),
  rule({
    status: [400],
    when: { prefixes: ['Channel id is not in a valid format', 'Bad id', 'Invalid id'] },
    ...idInvalid,
  }),
  rule({
    status: [400],
    when: { prefixes: ['1026:'] },
    code: 'meeting_unresolved',
    recovery: 'skip',
    meaning: 'The join link resolves to no meeting.',
    hint: 'The meeting is skipped and recorded.',
  }),
  rule({
    status: [400],
    when: { prefixes: ['Index was out of range'] },
    ...notFound,
  }),
  rule({
    status: [400],
    when: { prefixes: ['Subscription validation request failed'] },
    code: 'notification_endpoint',
    recovery: 'user_action',
    meaning: 'Graph could not validate the notification URL.',
    hint: 'The URL must be reachable from the internet and echo the validation token within 10 seconds.',
  }),
  rule({
    status: [400],
    when: { prefixes: ['lifecycleNotificationUrl is a required property'] },
    code: 'lifecycle_url_missing',
    recovery: 'user_action',
    meaning: 'The subscription needs a lifecycle notification URL.',
    hint: 'Add lifecycleNotificationUrl, or ask for at most one hour.',
  }),
  rule({
    status: [404],
    when: { codes: ['MailboxNotEnabledForRESTAPI', 'MailboxNotSupportedForRESTAPI'] },
    code: 'mailbox_missing',
    recovery: 'skip',
    meaning: 'The user has no mailbox here: a guest, or one whose mailbox is not in Exchange Online.',
    hint: 'Nothing is to be done: such a user has no calendar that can be read.',
  }),
  rule({
    status: [400, 404],
    when: { codes: ['ErrorInvalidUser'] },
    code: 'user_unknown',
    recovery: 'skip',
    meaning: 'The user does not exist or has no mailbox.',
    hint: 'The user is skipped and recorded.',
  }),

  // 404
  rule({
    status: [404],
    when: { prefixes: ['MessageNotFound'] },
    code: 'message_unavailable',
    recovery: 'skip',
    meaning: 'The message is gone, or only in cold storage.',
    hint: 'This is no proof of a deletion; the row stays as it is.',
  }),
  rule({
    status: [404],
    when: { prefixes: ['Failed to execute MS Graph backend request'] },
    code: 'not_ready',
    recovery: 'retry',
    meaning: 'The object was created a moment ago and is not everywhere yet.',
    hint: 'Try again in a few seconds.',
  }),
  rule({
    status: [404],
    when: { prefixes: ['Could not find the requested call record'] },
    code: 'call_record_expired',
    recovery: 'skip',
    meaning: 'Call records are kept for 30 days.',
    hint: 'It is skipped and recorded.',
  }),
  rule({
    status: [400, 404],
    when: { codes: ['ErrorItemNotFound'] },
    ...notFound,
  }),
  rule({
    status: [404],
    ...notFound,
  }),
];
