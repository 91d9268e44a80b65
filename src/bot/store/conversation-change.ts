import { withoutThread } from '../activities/conversation-id.ts';
import type { Envelope } from '../activities/envelope.ts';
import type { Activity } from '../activities/read-activity.ts';
import type { ConversationState } from './tables.ts';

/** Everything by which a bot can speak somewhere without being asked: kept whole, as it came. */
export interface ConversationReference {
  readonly conversation: Readonly<Record<string, unknown>> & { readonly id: string };
  readonly bot: Envelope['recipient'];
  readonly user: Envelope['from'] | undefined;
  readonly channelId: string;
  readonly serviceUrl: string;
  readonly locale: string | undefined;
}

/** What an activity says of conversations. */
export interface ConversationChange {
  readonly conversationId: string;
  readonly type: string;
  readonly name: string | undefined;
  readonly teamId: string | undefined;
  readonly user: Envelope['from'] | undefined;
  readonly reference: ConversationReference;
  readonly state: ConversationState;
  readonly reason: string | undefined;
  /** It holds for every conversation of the team. */
  readonly ofTeam: boolean;
  readonly atMs: number;
}

/** A clock of the service that is ahead by more than the tokens may be is not believed. */
const MAX_AHEAD_MS = 5 * 60_000;

/**
 * What an activity changes in what is known of conversations. The activity has been verified, its service URL too.
 *
 * @see https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/subscribe-to-conversation-events
 */
export function conversationChange(given: Envelope, nowMs: number): ConversationChange {
  const { conversation, channelData, recipient, from, channelId, serviceUrl, locale } = given;
  const { state, reason, channel, ofTeam = false } = effectOf(given);
  const conversationId = channel ?? withoutThread(conversation.id);
  const isAbout = channel !== undefined && channel !== withoutThread(conversation.id);
  const type = conversation.conversationType ?? typeOf(conversationId);
  const user = from.id === recipient.id ? undefined : from;
  const saidAtMs = Date.parse(given.timestamp ?? '');
  return {
    conversationId,
    type,
    name: nameOf(given, isAbout),
    teamId: channelData?.team?.id ?? undefined,
    user: type === 'personal' ? user : undefined,
    reference: {
      conversation: { ...conversation, id: conversationId },
      bot: recipient,
      user,
      channelId,
      serviceUrl,
      locale: locale ?? undefined,
    },
    state,
    reason,
    ofTeam: ofTeam && channelData?.team?.id != null,
    atMs: Number.isNaN(saidAtMs) ? nowMs : Math.min(saidAtMs, nowMs + MAX_AHEAD_MS),
  };
}

interface Effect {
  readonly state: ConversationState;
  readonly reason?: string | undefined;
  readonly ofTeam?: boolean | undefined;
  /** The channel that it is about, where that is not where it was told. */
  readonly channel?: string | undefined;
}

type TeamEvent = 'teamDeleted' | 'teamHardDeleted' | 'teamRestored';
type ChannelEvent = 'channelCreated' | 'channelRestored' | 'channelRenamed' | 'channelDeleted';

const teamEvents: Readonly<Record<TeamEvent, ConversationState>> = {
  teamDeleted: 'gone',
  teamHardDeleted: 'gone',
  teamRestored: 'active',
};
const channelEvents: Readonly<Record<ChannelEvent, ConversationState>> = {
  channelCreated: 'active',
  channelRestored: 'active',
  channelRenamed: 'active',
  channelDeleted: 'gone',
};

function effectOf(given: Envelope): Effect {
  // A field that is of another kind than published says nothing.
  const { type, action, membersAdded, membersRemoved } = given as Partial<Record<string, unknown>> & Envelope;
  const named = given.channelData?.eventType ?? '';
  if (type === INSTALLATION && action === 'remove') return { state: 'uninstalled', reason: type, ofTeam: true };
  if (type === INSTALLATION) return { state: 'active', ofTeam: action === 'add' };
  if (type !== UPDATE) return { state: 'active' };
  if (names(membersRemoved, given.recipient.id)) return { state: 'uninstalled', reason: type, ofTeam: true };
  if (names(membersAdded, given.recipient.id)) return { state: 'active', ofTeam: true };
  if (Object.hasOwn(teamEvents, named)) return { state: teamEvents[named as TeamEvent], reason: named, ofTeam: true };
  const channel = given.channelData?.channel?.id ?? undefined;
  if (channel === undefined || !Object.hasOwn(channelEvents, named)) return { state: 'active' };
  const state = channelEvents[named as ChannelEvent];
  return { state, reason: state === 'active' ? undefined : named, channel };
}

const INSTALLATION: Activity['type'] = 'installationUpdate';
const UPDATE: Activity['type'] = 'conversationUpdate';

const names = (members: unknown, id: string): boolean =>
  Array.isArray(members) && members.some((member) => (Object(member) as { id?: unknown }).id === id);

function nameOf({ conversation, channelData }: Envelope, isAbout: boolean): string | undefined {
  if (isAbout) return channelData?.channel?.name ?? undefined;
  return conversation.name ?? channelData?.channel?.name ?? channelData?.team?.name ?? undefined;
}

/** Where it is not said: https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/send-proactive-messages */
function typeOf(conversationId: string): string {
  if (/@thread\.(tacv2|skype)$/.test(conversationId)) return 'channel';
  return conversationId.startsWith('19:') ? 'groupChat' : 'personal';
}
