import { z } from 'zod';
import { sentId } from '../../bot/connector/messages.ts';
import type { BotStore } from '../../bot/store/bot-store.ts';
import type { StandingMessage } from '../../bot/store/threads.ts';
import type { BotAccess } from '../house-host.ts';
import type { BotClient } from './client.ts';
import { botNotifierErrors } from './errors.ts';
import type { Target } from './target.ts';

/** A message that was posted. */
export interface Posted {
  readonly conversationId: string;
  /** Undefined when Teams gives none: it cannot be edited then. */
  readonly activityId: string | undefined;
}

const createdSchema = z
  .object({ id: z.string().optional(), activityId: z.string().optional(), serviceUrl: z.string().optional() })
  .catch({});

/** The requests that one attempt may make. */
export function posting(
  options: {
    readonly client: BotClient;
    readonly target: Target;
    readonly access: BotAccess;
    readonly body: object;
    readonly botStore: BotStore;
  },
  signal: AbortSignal,
) {
  const { client, target, access, body, botStore } = options;
  const { connector } = client;
  const { serviceUrl, bot } = target;
  const place = { serviceUrl, tenantId: bot.tenantId };
  const account = target.known?.reference?.bot ?? { id: `28:${access.appId}` };

  const create = async (more: object) =>
    createdSchema.parse(
      await connector(
        {
          method: 'POST',
          ...place,
          route: 'conversations',
          body: { bot: account, tenantId: bot.tenantId, ...more },
        },
        signal,
      ),
    );

  /** @see https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/send-proactive-messages */
  async function postThread(channelId: string): Promise<Posted> {
    const channelData = { channel: { id: channelId }, tenant: { id: bot.tenantId } };
    const { id, activityId } = await create({ isGroup: true, channelData, activity: body });
    return { conversationId: id ?? channelId, activityId };
  }

  /** The conversation with a person: the same one each time, kept once it is known. */
  async function personal(user: string): Promise<string> {
    const { id } = await create({ isGroup: false, members: [{ id: user }] });
    if (id === undefined) throw botNotifierErrors.conversation_not_made();
    await botStore.conversations.created(bot, { conversationId: id, user, serviceUrl, botAccount: account });
    return id;
  }

  return {
    async post(): Promise<Posted> {
      if (target.newThreadIn !== undefined) return postThread(target.newThreadIn);
      const conversationId = target.conversationId ?? (await personal(target.user!));
      const request = { method: 'POST', ...place, route: 'activities', conversationId, body } as const;
      return { conversationId, activityId: sentId(await connector(request, signal)) };
    },
    async edit({ conversationId, activityId }: StandingMessage): Promise<void> {
      await connector({ method: 'PUT', ...place, route: 'activity', conversationId, activityId, body }, signal);
    },
    async answer({ conversationId, activityId }: StandingMessage, text: string): Promise<void> {
      const answer = { type: 'message', text, textFormat: 'plain', replyToId: activityId };
      await connector({ method: 'POST', ...place, route: 'activities', conversationId, body: answer }, signal);
    },
  };
}
