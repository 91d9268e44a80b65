import type { BotIdentity, KnownConversation } from '../../bot/store/conversations.ts';
import type { SluiceError } from '../../errors/sluice-error.ts';
import type { BotAccess, HouseHost } from '../house-host.ts';
import { botNotifierErrors } from './errors.ts';
import type { BotReceiver } from './receiver.ts';

/** Where a message is sent. */
export interface Target {
  readonly bot: BotIdentity;
  readonly serviceUrl: string;
  /** Undefined: it is made by the first message, with a person. */
  readonly conversationId: string | undefined;
  /** A new thread of this channel. */
  readonly newThreadIn: string | undefined;
  readonly user: string | undefined;
  readonly known: KnownConversation | undefined;
}

/** What a refusal proved is asked again after so long: where nobody tells the bot, it would never learn better. */
const PROOF_HOLDS_MS = 24 * 3_600_000;

/** Where a receiver is now, or why nothing can be sent there. */
export async function targetOf(
  receiver: BotReceiver,
  { botStore, runtime }: Pick<HouseHost, 'botStore' | 'runtime'>,
  access: BotAccess,
  proactiveUrl: string | undefined,
): Promise<Target | SluiceError> {
  const { conversations } = botStore;
  const bots = access.tenants.map((tenantId): BotIdentity => ({ appId: access.appId, tenantId }));
  const id = receiver.conversation ?? receiver.channel ?? receiver.chat;
  const { user } = receiver;
  let known: KnownConversation | undefined;
  for (const bot of bots) {
    known ??= id === undefined ? await conversations.ofPerson(bot, user!) : await conversations.find(bot, id);
  }
  const problem = known && refusalOf(known, runtime.now());
  if (problem) return problem;
  const bot: BotIdentity = { appId: access.appId, tenantId: known?.tenantId ?? bots[0]!.tenantId };
  const serviceUrl = known?.serviceUrl ?? (await conversations.newest(bot))?.serviceUrl ?? proactiveUrl;
  if (serviceUrl === undefined) return botNotifierErrors.bot_never_there();
  // Only channels and persons can be begun with by their id alone.
  if (!known && receiver.channel === undefined && user === undefined) return botNotifierErrors.bot_never_there();
  const { channel, thread } = receiver;
  const inThread = channel !== undefined && thread !== undefined ? `${channel};messageid=${thread}` : undefined;
  const isNewThread = channel !== undefined && thread === undefined;
  return {
    bot,
    serviceUrl,
    conversationId: inThread ?? (isNewThread ? undefined : (id ?? known?.conversationId)),
    newThreadIn: isNewThread ? channel : undefined,
    user,
    known,
  };
}

function refusalOf({ state, stateSinceMs }: KnownConversation, nowMs: number): SluiceError | undefined {
  if (state === 'active' || nowMs - stateSinceMs > PROOF_HOLDS_MS) return undefined;
  if (state === 'blocked') return botNotifierErrors.bot_is_blocked();
  return state === 'uninstalled' ? botNotifierErrors.bot_is_uninstalled() : botNotifierErrors.conversation_is_gone();
}
