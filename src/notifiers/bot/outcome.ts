import type { ConversationState } from '../../bot/store/tables.ts';
import { isSluiceError, type SluiceError } from '../../errors/sluice-error.ts';
import type { Answer } from '../kind.ts';

/** What was asked: a post may have been done by whoever did not answer; an edit may be made again. */
export interface Asked {
  readonly isPost: boolean;
  /** From 1. */
  readonly attempt: number;
}

/** Rows of the connector's table that mean: try again, nothing was done. */
const NOT_DONE: ReadonlySet<string> = new Set(['bot_throttled', 'conversation_busy', 'bot_windows_full']);
/** The bot itself is refused: whatever the message and the conversation. */
const BOT_REFUSED: ReadonlySet<string> = new Set(['bot_not_registered', 'bot_disabled', 'bot_host_wrong']);
const SERVICE_FAILED = 'bot_service_error';
/** The table calls it final; one delayed try more is our own policy. */
const DEVIATION_STATUS = 500;

/**
 * What a failure means for the message. Total: whatever was thrown has an outcome.
 *
 * @see https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/conversation-messages#status-codes-from-bot-conversational-apis
 */
export function failureOutcome(thrown: unknown, { isPost, attempt }: Asked): Answer {
  if (!isSluiceError(thrown)) throw thrown;
  const { code, recovery, retryAfterMs: afterMs } = thrown;
  const status = thrown.request?.status;
  if (thrown.surface === 'login') return signInOutcome(thrown);
  if (NOT_DONE.has(code)) return { kind: 'retry', error: thrown, blame: 'service', afterMs };
  if (status === undefined && recovery === 'retry') {
    const mayBeDone = isPost && thrown.details['sent'] !== false;
    return { kind: mayBeDone ? 'unknown' : 'retry', error: thrown, blame: 'outage', afterMs };
  }
  if (code === SERVICE_FAILED) {
    if (status === DEVIATION_STATUS && attempt > 1) return { kind: 'permanent', error: thrown, blame: 'message' };
    return { kind: isPost ? 'unknown' : 'retry', error: thrown, blame: 'outage', afterMs };
  }
  return { kind: 'permanent', error: thrown, blame: BOT_REFUSED.has(code) ? 'endpoint' : 'message' };
}

function signInOutcome(error: SluiceError): Answer {
  if (error.recovery === 'retry') return { kind: 'retry', error, blame: 'outage', afterMs: error.retryAfterMs };
  return { kind: 'permanent', error, blame: 'endpoint' };
}

/** What a refusal proves about the conversation. */
const proofs: Readonly<Record<string, ConversationState>> = {
  bot_blocked: 'blocked',
  bot_not_in_conversation: 'uninstalled',
  bot_not_installed: 'uninstalled',
  conversation_not_found: 'gone',
};

export const provenBy = (thrown: unknown): ConversationState | undefined =>
  isSluiceError(thrown) && Object.hasOwn(proofs, thrown.code) ? proofs[thrown.code] : undefined;
