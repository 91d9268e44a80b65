import { defineErrors } from '../../errors/define-errors.ts';

/** Why a bot does not even try. */
export const botNotifierErrors = defineErrors('bot', {
  bot_not_configured: {
    recovery: 'user_action',
    cause: 'A message is for a receiver that a bot speaks to, and the configuration has no bot that can.',
    remedy: 'Set bot.app_id, bot.app_secret and the tenant (auth.tenant_id or bot.tenants).',
  },
  bot_never_there: {
    recovery: 'user_action',
    cause: 'The bot has not heard of a conversation yet, so it does not know how to reach it.',
    remedy: 'Install the app there, or write to the bot once; `sluice bot conversations` lists where it can speak.',
  },
  bot_is_uninstalled: {
    recovery: 'skip',
    cause: 'The bot was removed from a conversation. Nothing was sent.',
    remedy: 'Install the app there again; messages are sent from then on.',
  },
  bot_is_blocked: {
    recovery: 'skip',
    cause: 'A person has blocked the bot. Nothing was sent.',
    remedy: 'Messages are sent again once the person writes to the bot.',
  },
  conversation_is_gone: {
    recovery: 'skip',
    cause: 'A conversation was deleted, or the service does not know it any more. Nothing was sent.',
    remedy: 'Give another receiver; should somebody write there, messages are sent again.',
  },
  conversation_not_made: {
    recovery: 'retry',
    cause: 'The bot service made a conversation and did not say which.',
    remedy: 'Nothing: it is tried again.',
  },
});
