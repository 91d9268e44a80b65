import type { ErrorRule } from './error-rule.ts';

const rule = (row: Omit<ErrorRule, 'surface'>): ErrorRule => ({ surface: 'bot', ...row });

const conversationGone = {
  code: 'conversation_not_found',
  recovery: 'skip',
  meaning: 'The conversation does not exist any more, or the bot has another id of it.',
  hint: 'Wait until somebody writes there again, and answer that.',
} as const;
const blocked = {
  code: 'bot_blocked',
  recovery: 'skip',
  meaning: 'The person has blocked the bot, or removed it.',
  hint: 'Send nothing more there until the person writes again.',
} as const;
const busy = {
  code: 'conversation_busy',
  recovery: 'retry',
  meaning: 'Something else is going on in the conversation at the same moment.',
  hint: 'Try again; send one thing at a time to a conversation.',
} as const;

const tooLarge = {
  code: 'message_too_large',
  recovery: 'user_action',
  meaning: 'The message is larger than Teams takes.',
  hint: 'Shorten or split it: about 100 KB in UTF-16 at most.',
} as const;
/** https://learn.microsoft.com/microsoftteams/platform/bots/streaming-ux#error-codes */
const STREAM_REFUSED = 'ContentStreamNotAllowed';

/**
 * What the answers of the bot connector mean: from special to general, the first row that fits decides.
 *
 * @see https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/conversation-messages#status-codes-from-bot-conversational-apis
 */
export const botRules: readonly ErrorRule[] = [
  rule({
    status: [400],
    when: { codes: ['ServiceError'], prefixes: ['Invalid userId', 'Invalid ConversationId'] },
    ...conversationGone,
  }),
  rule({
    status: [400],
    code: 'activity_refused',
    recovery: 'user_action',
    meaning: 'Teams refuses the activity: a field is missing or wrong.',
    hint: 'Check the card with "sluice card lint", and the fields of the activity.',
  }),
  rule({
    status: [401],
    code: 'bot_not_registered',
    recovery: 'user_action',
    meaning: 'The bot service refuses the token of the bot, also a new one.',
    hint: 'Check application id, secret and cloud, and that the Teams channel of the Azure bot is on.',
  }),
  rule({
    status: [403, 404],
    when: { codes: ['BotNotInConversationRoster'] },
    code: 'bot_not_in_conversation',
    recovery: 'skip',
    meaning: 'The bot is not in the conversation.',
    hint: 'Install the app there; an installationUpdate says when it is.',
  }),
  rule({ status: [403], when: { codes: ['ConversationBlockedByUser', 'MessageWritesBlocked'] }, ...blocked }),
  rule({
    status: [403],
    when: { codes: ['BotDisabledByAdmin'] },
    code: 'bot_disabled',
    recovery: 'admin_action',
    meaning: 'An administrator has disabled the bot.',
    hint: 'Have it allowed by the app policies of the Teams admin centre.',
  }),
  rule({
    status: [403],
    when: { codes: ['ForbiddenOperationException'] },
    code: 'bot_not_installed',
    recovery: 'user_action',
    meaning: 'The app is not installed for the person.',
    hint: 'Install it in the personal scope.',
  }),
  rule({
    status: [403],
    when: { codes: ['InvalidBotApiHost'] },
    code: 'bot_host_wrong',
    recovery: 'user_action',
    meaning: 'The conversation is in another cloud than the one that was asked.',
    hint: 'Set the cloud of the tenant: usgov-gcc for the host smba.infra.gcc.teams.microsoft.com.',
  }),
  rule({
    status: [403],
    when: { codes: [STREAM_REFUSED], prefixes: ['Content stream was cancel'] },
    code: 'stream_stopped',
    recovery: 'skip',
    meaning: 'The person has stopped the answer while it was written.',
    hint: 'Write no more of it.',
  }),
  rule({
    status: [403],
    when: { codes: [STREAM_REFUSED], prefixes: ['Message size too large'] },
    ...tooLarge,
  }),
  rule({
    status: [403],
    when: { codes: [STREAM_REFUSED] },
    code: 'stream_not_allowed',
    recovery: 'skip',
    meaning: 'Teams does not take this part of a stream: it is not allowed here, was ended, or took too long.',
    hint: 'Send the text as one message.',
  }),
  rule({
    status: [403],
    code: 'bot_permission_denied',
    recovery: 'user_action',
    meaning: 'Teams refuses that the bot does this here.',
    hint: 'Check the permissions in the manifest of the app, and that it is installed in this conversation.',
  }),
  rule({
    status: [404],
    when: { codes: ['ActivityNotFoundInConversation'] },
    code: 'activity_not_found',
    recovery: 'skip',
    meaning: 'The message is not in the conversation any more, or is not one of the bot.',
    hint: 'Send a new message in its place.',
  }),
  rule({ status: [404], ...conversationGone }),
  rule({ status: [409, 412], ...busy }),
  rule({ status: [413], ...tooLarge }),
  rule({
    status: [429],
    code: 'bot_throttled',
    recovery: 'retry',
    meaning: 'Too many requests in this conversation.',
    hint: 'Wait: 7 messages in a second and 1,800 in an hour at most.',
  }),
  rule({
    status: [300, 301, 302, 303, 307, 308],
    code: 'bot_redirected',
    recovery: 'fail',
    meaning: 'The bot service answered with a redirect, which is never followed.',
    hint: 'Look whether a proxy or a portal stands in between.',
  }),
  rule({
    status: [408, 425, 500, 502, 503, 504],
    code: 'bot_service_error',
    recovery: 'retry',
    meaning: 'The bot service failed; after a message was sent, it may have been posted all the same.',
    hint: 'Look into the conversation before sending it again.',
  }),
  rule({
    code: 'bot_request_refused',
    recovery: 'fail',
    meaning: 'The bot service refuses the request.',
    hint: 'Check what was asked for.',
  }),
];
