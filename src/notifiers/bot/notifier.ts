import { createHash } from 'node:crypto';
import { botErrors } from '../../bot/errors.ts';
import type { StandingMessage } from '../../bot/store/threads.ts';
import { isSluiceError } from '../../errors/sluice-error.ts';
import { botTenantLimits } from '../../limits/bot-limits.ts';
import { Secret } from '../../runtime/secret.ts';
import type { BotAccess, HouseHost } from '../house-host.ts';
import type { Answer, Delivery, OpenNotifier } from '../kind.ts';
import { type BotClient, openBotClient } from './client.ts';
import { botNotifierErrors } from './errors.ts';
import { failureOutcome, provenBy } from './outcome.ts';
import { type Posted, posting } from './posting.ts';
import type { BotReceiver } from './receiver.ts';
import { type Target, targetOf } from './target.ts';

/** An alert that changes for longer is said anew, where people look. */
const STANDS_MS = 24 * 3_600_000;
/** Of what changed, a line is said in the thread; the whole stands above it. */
const MAX_ANSWER_CHARACTERS = 300;

const hashOf = (...parts: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);

/** Speaks as the configured bot: one attempt, where the bot is known to be. */
export function createBotNotifier(host: HouseHost): OpenNotifier<BotReceiver> {
  const { botStore, runtime } = host;
  let opened: { readonly access: BotAccess; readonly client: Promise<BotClient> } | undefined;
  const clientOf = (access: BotAccess): Promise<BotClient> => {
    if (opened && JSON.stringify(publicOf(opened.access)) === JSON.stringify(publicOf(access))) return opened.client;
    opened = { access, client: openBotClient(host, access) };
    return opened.client;
  };

  /** An edit of the message that stands for the same alerts, with a word in its thread; undefined: none stands. */
  async function change(delivery: Delivery<BotReceiver>, to: Addressed): Promise<Answer | undefined> {
    const { subject, attempt } = delivery;
    const { target } = to;
    const key = subject && keyOf(subject.key, delivery.receiver);
    const standing = key === undefined ? undefined : await botStore.threads.find(target.bot, key);
    if (!subject || !standing || runtime.now() - standing.updatedAtMs > STANDS_MS) return undefined;
    try {
      await to.posting.edit(standing);
    } catch (error) {
      // Somebody took it away: it is said anew.
      if (!isSluiceError(error) || error.code !== 'activity_not_found') throw new Failed(error, false);
      await botStore.threads.drop(target.bot, key!);
      return undefined;
    }
    if (standing.said !== subject.said && hasThreads(delivery.receiver)) {
      const [line = ''] = delivery.text().trim().split('\n');
      try {
        await to.posting.answer(standing, line.slice(0, MAX_ANSWER_CHARACTERS));
      } catch (error) {
        // The message itself has been changed; only what may help is tried again.
        const outcome = failureOutcome(error, { isPost: true, attempt });
        if (outcome.kind !== 'permanent') return outcome;
      }
    }
    await botStore.threads.keep(target.bot, key!, { ...standing, said: subject.said });
    return { kind: 'delivered', id: standing.activityId };
  }

  async function notify(delivery: Delivery<BotReceiver>, signal: AbortSignal): Promise<Answer> {
    const { receiver, subject, attempt } = delivery;
    const access = host.bot();
    if (!access) return { kind: 'permanent', error: botNotifierErrors.bot_not_configured(), blame: 'nobody' };
    const client = await clientOf(access);
    const target = await targetOf(receiver, host, access, client.proactiveUrl);
    if (isSluiceError(target)) return { kind: 'permanent', error: target, blame: 'message' };
    const body = activityOf(delivery);
    const bytes = JSON.stringify(body).length * 2;
    if (bytes > client.maxBytes) {
      const error = botErrors.message_too_large({ bytes, maxBytes: client.maxBytes });
      return { kind: 'permanent', error, blame: 'message' };
    }
    const to = { target, posting: posting({ client, target, access, body, botStore }, signal) };
    try {
      const changed = await change(delivery, to);
      if (changed) return changed;
      const posted = await to.posting.post();
      await keep(subject, receiver, target, posted);
      return { kind: 'delivered', id: posted.activityId ?? delivery.id };
    } catch (thrown) {
      const { error, isPost } = thrown instanceof Failed ? thrown : { error: thrown, isPost: true };
      const state = provenBy(error);
      const proven = target.known?.conversationId;
      if (state && proven !== undefined) {
        await botStore.conversations.refused(target.bot, proven, state, (error as { code: string }).code);
      }
      return failureOutcome(error, { isPost, attempt });
    }
  }

  async function keep(
    subject: Delivery['subject'],
    receiver: BotReceiver,
    target: Target,
    { conversationId, activityId }: Posted,
  ): Promise<void> {
    if (!subject || activityId === undefined) return;
    const standing: Omit<StandingMessage, 'updatedAtMs'> = { conversationId, activityId, said: subject.said };
    // It has arrived: that it cannot be edited later is no reason to say it twice.
    await botStore.threads.keep(target.bot, keyOf(subject.key, receiver), standing).catch(() => {});
  }

  return {
    notify,
    endpoints: (receiver) => [new Secret(hashOf(host.bot()?.appId, host.bot()?.tenants, placeOf(receiver)))],
    sharedWindows: () => {
      const access = host.bot();
      if (!access) return [];
      return [{ name: `app ${hashOf(access.appId, access.tenants)}`, windows: botTenantLimits }];
    },
  };
}

interface Addressed {
  readonly target: Target;
  readonly posting: ReturnType<typeof posting>;
}

/** A failure of what may be done again. */
class Failed extends Error {
  readonly error: unknown;
  readonly isPost: boolean;

  constructor(error: unknown, isPost: boolean) {
    super();
    this.error = error;
    this.isPost = isPost;
  }
}

/** One place, however it is named; a thread has windows of its own. */
const placeOf = ({ conversation, channel, thread, chat, user }: BotReceiver) =>
  user === undefined ? [conversation ?? channel ?? chat, thread] : [user.toLowerCase()];

const hasThreads = ({ channel }: BotReceiver): boolean => channel !== undefined;

const keyOf = (key: string, receiver: BotReceiver): string => hashOf(key, placeOf(receiver));

const publicOf = ({ credential, ...rest }: BotAccess) => ({
  ...rest,
  secret: credential.kind === 'secret' ? hashOf(credential.secret.reveal()) : undefined,
});

/** The card, and the words for the activity feed. */
function activityOf({ body, text }: Delivery<BotReceiver>): object {
  const [summary = ''] = text().trim().split('\n');
  return { type: 'message', attachments: body.attachments, summary: summary.slice(0, MAX_ANSWER_CHARACTERS) };
}
