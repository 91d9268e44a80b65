import { z } from 'zod';
import { parseDateTime } from './date-time.ts';

/** Ids stand in URLs and in JSON as they are. */
const id = z.string().regex(/^[^\s"\\/?#]+$/, 'must be text without spaces, quotes, slashes, ? and #');

const instant = z.string().transform((text, context) => {
  const ms = parseDateTime(text);
  if (ms !== undefined) return ms;
  context.addIssue({ code: 'custom', message: 'must be a date like 2026-03-01T09:30:00.123Z' });
  return z.NEVER;
});
const dateTime = instant.transform((ms) => new Date(ms).toISOString());
const text = z.string();

export const UserLine = z.object({
  id,
  displayName: text,
  mail: text.nullish(),
  userPrincipalName: text.optional(),
  givenName: text.nullish(),
  surname: text.nullish(),
  jobTitle: text.nullish(),
  officeLocation: text.nullish(),
  mobilePhone: text.nullish(),
  businessPhones: z.array(text).optional(),
  preferredLanguage: text.nullish(),
  accountEnabled: z.boolean().optional(),
  userType: z.enum(['Member', 'Guest']).optional(),
  isLicensed: z.boolean().optional(),
});
export type UserRecord = z.infer<typeof UserLine>;

/** Somebody of another tenant, who is in chats of this one. */
export const FederatedLine = UserLine.extend({ homeTenantId: id });

export const TeamLine = z.object({
  id,
  displayName: text,
  members: z.array(id).optional(),
  description: text.nullish(),
  visibility: z.enum(['private', 'public']).optional(),
  classification: text.nullish(),
  createdDateTime: dateTime.optional(),
  isArchived: z.boolean().optional(),
});

export const ChannelLine = z.object({
  id,
  teamId: id,
  displayName: text,
  membershipType: z.enum(['standard', 'private', 'shared']).optional(),
  description: text.nullish(),
  createdDateTime: dateTime.optional(),
  isArchived: z.boolean().optional(),
  members: z.array(id).optional(),
  sharedWithTeamIds: z.array(id).optional(),
  migrationMode: z.enum(['inProgress', 'completed']).nullish(),
  originalCreatedDateTime: dateTime.nullish(),
});

const ReactionLine = z.object({
  reactionType: text.min(1),
  custom: z.object({ displayName: text, contentUrl: text }).optional(),
  userId: id,
  createdDateTime: instant,
});

/** What every message has, wherever it was written. */
const writing = {
  id: id.optional(),
  from: id.nullable(),
  createdDateTime: instant,
  lastModifiedDateTime: instant.nullish(),
  /** How the twin sends `lastModifiedDateTime`. Default `written`. */
  modifiedStamp: z.enum(['written', 'null', 'absent']).optional(),
  lastEditedDateTime: instant.nullish(),
  deletedDateTime: instant.nullish(),
  subject: text.nullish(),
  summary: text.nullish(),
  policyViolation: z.record(z.string(), z.unknown()).nullish(),
  importance: z.enum(['normal', 'high', 'urgent']).optional(),
  body: z.object({ contentType: z.enum(['text', 'html']), content: text }),
  reactions: z.array(ReactionLine).nullish(),
  messageHistory: z
    .array(
      z.object({
        actions: z.enum(['reactionAdded', 'reactionRemoved']),
        modifiedDateTime: instant,
        reaction: ReactionLine,
      }),
    )
    .nullish(),
  mentions: z
    .array(z.object({ id: z.int(), mentionText: text, mentioned: z.record(z.string(), z.unknown()) }))
    .nullish(),
  attachments: z
    .array(
      z.object({
        id: id.optional(),
        contentType: text,
        contentUrl: text.nullish(),
        content: text.nullish(),
        name: text.nullish(),
        thumbnailUrl: text.nullish(),
        teamsAppId: text.nullish(),
      }),
    )
    .nullish(),
  /** A sender that is an app; `from` is null then. */
  application: z
    .object({ id, displayName: text, type: z.enum(['bot', 'office365Connector', 'outgoingWebhook']) })
    .nullish(),
  eventDetail: z.record(z.string(), z.unknown()).nullish(),
};

const WritingLine = z.object(writing);
export type WritingRecord = z.infer<typeof WritingLine>;

export const MessageLine = z.object({ ...writing, channelId: id, replyToId: id.nullish() });
export type MessageRecord = z.infer<typeof MessageLine>;

export const ChatMessageLine = z.object({ ...writing, chatId: id });

export const ChatLine = z.object({
  id,
  chatType: z.enum(['oneOnOne', 'group', 'meeting']),
  topic: text.nullish(),
  createdDateTime: instant,
  lastUpdatedDateTime: instant.optional(),
  /** The tenant that hosts it; default: this one. */
  tenantId: id.optional(),
  migrationMode: z.enum(['inProgress', 'completed']).nullish(),
  originalCreatedDateTime: instant.nullish(),
  meeting: z.object({ joinWebUrl: text, organizer: id }).nullish(),
  members: z.array(
    z.object({
      userId: id,
      roles: z.array(z.enum(['owner', 'guest'])).optional(),
      visibleHistoryStartDateTime: instant.nullish(),
    }),
  ),
});
