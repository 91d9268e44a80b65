import { defineCodes, defineErrors } from '../errors/define-errors.ts';

/** What a bot refuses to start with, and what it refuses to read. */
export const botErrors = defineErrors('bot', {
  bot_app_id_missing: {
    recovery: 'user_action',
    cause: 'A bot has no application id, or one that is no GUID, so that no token could be checked.',
    remedy: 'Give the application (client) id of the Azure bot (appId).',
  },
  bot_tenant_missing: {
    recovery: 'user_action',
    cause: 'A bot does not say which tenants it serves, or names one that is no GUID.',
    remedy: 'Give the directory (tenant) ids that the bot serves (tenant). There is no word for "all".',
  },
  bot_twin_invalid: {
    recovery: 'user_action',
    cause: 'A bot is told to talk to a twin that is not on this machine.',
    remedy: 'Give the URL that `sluice simulate` prints: http://127.0.0.1:PORT.',
  },
  bot_filter_unknown: {
    recovery: 'user_action',
    cause: 'A handler is registered for something that no activity is.',
    remedy: 'Use a type of activity, or TYPE:NAME with a name that is published for the type.',
    example: { filter: 'invoke:task/open' },
    says: ({ filter }) => `No activity is "${filter}".`,
    details: ({ filter }) => ({ filter }),
  },
  bot_keys_invalid: {
    recovery: 'retry',
    cause: "The bot service's metadata or keys are not what they should be; the keys that are known go on being used.",
    remedy: 'Look whether a proxy or a sign-in page stands in between, and whether the cloud is the right one.',
    example: { what: 'metadata', problem: 'the answer was 503' },
    says: ({ what, problem }) => `The ${what} of the bot service cannot be used: ${problem}.`,
    details: ({ what }) => ({ what }),
  },
  bot_credential_missing: {
    recovery: 'user_action',
    cause: 'A bot that wants to speak has nothing to prove itself with.',
    remedy: 'Give it a credential: the secret or the certificate of its app registration.',
  },
  message_empty: {
    recovery: 'user_action',
    cause: 'A message of a bot has neither text nor attachments.',
    remedy: 'Give it a text or a card.',
  },
  message_too_large: {
    recovery: 'user_action',
    cause: 'A message of a bot is larger than Teams takes. Nothing was sent.',
    remedy: 'Shorten or split it.',
    example: { bytes: 150_000, maxBytes: 102_400 },
    says: ({ bytes, maxBytes }) => `The message has ${bytes} bytes in UTF-16; Teams takes ${maxBytes}.`,
    details: ({ bytes, maxBytes }) => ({ bytes, maxBytes }),
  },
  mention_not_in_text: {
    recovery: 'user_action',
    cause: 'A message names somebody in its entities whom its text does not name.',
    remedy: 'Put the text of the mention into the text of the message: mention(person) gives both.',
  },
  edit_in_two: {
    recovery: 'user_action',
    cause: 'One message is to be edited into a text with attachments, which are two messages.',
    remedy: 'Edit it into a text, or into a card.',
  },
  stream_ended: {
    recovery: 'user_action',
    cause: 'A handler writes to a stream that it has ended.',
    remedy: 'Begin another one (context.stream()), or send a message.',
  },
  bot_windows_full: {
    recovery: 'retry',
    cause: 'So much was sent to a conversation, or by the app, that the published windows have no room for long.',
    remedy: 'Send less: one message in place of many, or edits. The time is in `retryAfterMs`.',
    example: { waitMs: 90_000 },
    says: ({ waitMs }) => `The published limits leave no room for another ${Math.ceil(waitMs / 1_000)} s.`,
    details: () => ({ sent: false }),
  },
  members_unreadable: {
    recovery: 'retry',
    cause: 'The bot service answered with something that is no page of members.',
    remedy: 'Try again.',
  },
  activity_invalid: {
    recovery: 'user_action',
    cause: 'The body of a request is no activity: no JSON, nested too deep, or with fields of another kind.',
    remedy: 'Send an activity of the Bot Framework protocol.',
    example: { fields: ['conversation.id'] },
    says: ({ fields }) => `The activity cannot be read: ${fields.join(', ')}.`,
    details: ({ fields }) => ({ fields }),
  },
});

/** Why a handler's work was not the answer. Nothing carries these: they are logged and counted. */
export const botCodes = defineCodes(
  'bot',
  {
    handler_failed: {
      cause: 'A handler of the bot threw.',
      remedy: 'The place in the log says where. An invoke was answered in its own form of failure.',
      example: 'bot.failed: handler_failed, TypeError at handlers/orders.js:12',
    },
    handler_slow: {
      cause: 'A handler of an invoke took longer than Teams waits (5 seconds), and the failure was answered instead.',
      remedy: 'Answer at once and do the work afterwards; context.signal is aborted then.',
      example: 'bot.failed: handler_slow',
    },
    invoke_answer_invalid: {
      cause: 'A handler of an invoke gave something that this invoke cannot be answered with.',
      remedy: 'Give one of the forms that docs/bot.md lists for it.',
      example: 'bot.failed: invoke_answer_invalid',
    },
  },
  'fail',
);
