import { z } from 'zod';
import { account, envelope } from './envelope.ts';

/** A mention, client facts, a card of schema.org, what a stream is at: told apart by `type`. */
const entity = z.looseObject({
  type: z.string(),
  text: z.string().nullish(),
  mentioned: z.looseObject({ id: z.string().nullish(), name: z.string().nullish() }).nullish(),
});

const attachment = z.looseObject({
  contentType: z.string().nullish(),
  contentUrl: z.string().nullish(),
  content: z.unknown().optional(),
  name: z.string().nullish(),
});

const reaction = z.looseObject({ type: z.string() });
const words = {
  text: z.string().nullish(),
  textFormat: z.string().nullish(),
  attachments: z.array(attachment).nullish(),
  entities: z.array(entity).nullish(),
  /** What a button of a card submitted. */
  value: z.unknown().optional(),
};

const members = { membersAdded: z.array(account).nullish(), membersRemoved: z.array(account).nullish() };
const valued = { name: z.string().nullish(), value: z.unknown().optional(), valueType: z.string().nullish() };

/**
 * The published types of activities: what each means, and its own fields. Any other type is counted and answered with 200.
 *
 * @see https://github.com/microsoft/Agents/blob/main/specs/activity/protocol-activity.md
 * @see https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/subscribe-to-conversation-events
 */
export const activityTypes = {
  message: {
    meaning: 'A person wrote to the bot, or pressed a button with Action.Submit.',
    schema: envelope.extend(words),
  },
  messageUpdate: {
    meaning: 'A message was edited, or a deleted one restored: `channelData.eventType` says which.',
    schema: envelope.extend(words),
  },
  messageDelete: { meaning: 'A message was deleted.', schema: envelope },
  messageReaction: {
    meaning: 'A reaction was put on a message of the bot (`replyToId`), or taken away.',
    schema: envelope.extend({
      reactionsAdded: z.array(reaction).nullish(),
      reactionsRemoved: z.array(reaction).nullish(),
    }),
  },
  typing: { meaning: 'A person is typing.', schema: envelope },
  invoke: {
    meaning: 'A person waits for the answer: a button, a dialog, a search. See the table of invokes.',
    schema: envelope.extend(valued),
  },
  event: { meaning: 'Something happened: a meeting began, a message was read.', schema: envelope.extend(valued) },
  conversationUpdate: {
    meaning:
      'Members came or went, a channel or a team changed: `channelData.eventType` says which, where it is given.',
    schema: envelope.extend({
      ...members,
      topicName: z.string().nullish(),
      historyDisclosed: z.boolean().nullish(),
    }),
  },
  installationUpdate: {
    meaning: 'The bot was installed, upgraded or removed.',
    schema: envelope.extend({ action: z.string().nullish() }),
  },
  endOfConversation: { meaning: 'The conversation is over.', schema: envelope.extend({ code: z.string().nullish() }) },
  command: { meaning: 'Another part of a system asks the bot to do something.', schema: envelope.extend(valued) },
  commandResult: { meaning: 'What a command came to.', schema: envelope.extend(valued) },
  handoff: { meaning: 'A conversation goes over to the bot, or back.', schema: envelope.extend(valued) },
  trace: { meaning: 'A note for debugging.', schema: envelope.extend({ ...valued, label: z.string().nullish() }) },
} as const;

export type ActivityType = keyof typeof activityTypes;
export type ActivityOf<Type extends ActivityType> = z.output<(typeof activityTypes)[Type]['schema']>;

/**
 * Names that a type of activity is told further apart by: its field, and every published value. A value that is not
 * among them reaches the handlers of the type.
 *
 * @see https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/subscribe-to-conversation-events
 * @see https://learn.microsoft.com/microsoftteams/platform/apps-in-teams-meetings/meeting-apps-apis
 */
export const eventNames = {
  conversationUpdate: [
    'teamMemberAdded',
    'teamMemberRemoved',
    'channelCreated',
    'channelRenamed',
    'channelDeleted',
    'channelRestored',
    'channelShared',
    'channelUnshared',
    'channelMemberAdded',
    'channelMemberRemoved',
    'teamRenamed',
    'teamArchived',
    'teamUnarchived',
    'teamDeleted',
    'teamHardDeleted',
    'teamRestored',
  ],
  messageUpdate: ['editMessage', 'undeleteMessage'],
  messageDelete: ['softDeleteMessage'],
  installationUpdate: ['add', 'remove', 'add-upgrade', 'remove-upgrade'],
  event: [
    'application/vnd.microsoft.readReceipt',
    'application/vnd.microsoft.meetingStart',
    'application/vnd.microsoft.meetingEnd',
    'application/vnd.microsoft.meetingParticipantJoin',
    'application/vnd.microsoft.meetingParticipantLeave',
    'agenticUserIdentityCreated',
    'agenticUserIdentityUpdated',
    'agenticUserEnabled',
    'agenticUserDisabled',
    'agenticUserDeleted',
    'agenticUserUndeleted',
  ],
} as const satisfies { readonly [Type in ActivityType]?: readonly string[] };

export type EventType = keyof typeof eventNames;
export type EventName<Type extends EventType> = (typeof eventNames)[Type][number];

export const isActivityType = (type: string): type is ActivityType => Object.hasOwn(activityTypes, type);
