import { z } from 'zod';
import type { SluiceError } from '../../errors/sluice-error.ts';
import { twinErrors } from '../errors.ts';
import { parseDateTime } from './date-time.ts';

const id = z.string().min(1);
const place = { teamId: id.optional(), channelId: id.optional() };
/** Without `messageId` the tenant picks a message; `replyId` names a reply of it. */
const target = { ...place, messageId: id.optional(), replyId: id.optional() };
const writing = {
  userId: id.optional(),
  content: z.string().optional(),
  contentType: z.enum(['html', 'text']).optional(),
  importance: z.enum(['normal', 'high', 'urgent']).optional(),
  /** So many pictures in the text; the body becomes HTML. */
  pictures: z.int().min(0).max(20).optional(),
  /** Users to mention; the body becomes HTML. */
  mentions: z.array(id).optional(),
};
const chatWriting = {
  chatId: id.optional(),
  userId: id.optional(),
  content: z.string().min(1).optional(),
  pictures: writing.pictures,
};
/** `unseen`: the message's time of change does not move. https://github.com/microsoftgraph/microsoft-graph-docs/issues/11670 */
const reaction = { userId: id.optional(), reactionType: z.string().min(1).optional(), unseen: z.boolean().optional() };
const team = { teamId: id.optional() };
const name = z.string().min(1).optional();
/** Where an app is: in a team, in a chat, with a user. */
const appPlace = { teamId: id.optional(), chatId: id.optional(), userId: id.optional() };
/** Where a tab is. */
const tabPlace = { channelId: id.optional(), chatId: id.optional() };
const instant = z
  .string()
  .refine((text) => parseDateTime(text) !== undefined, 'must be a date like 2004-03-01T09:30:00Z')
  .transform((text) => parseDateTime(text)!);

/** Everything that can happen to a tenant. Whatever an event leaves out, the tenant picks by its seed. */
export const TwinEventSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('post'), ...place, ...writing, subject: z.string().optional() }),
  z.strictObject({ type: z.literal('reply'), ...place, messageId: id.optional(), ...writing }),
  z.strictObject({ type: z.literal('edit'), ...target, content: z.string().optional() }),
  z.strictObject({ type: z.literal('react'), ...target, ...reaction }),
  z.strictObject({ type: z.literal('unreact'), ...target, ...reaction }),
  z.strictObject({ type: z.literal('delete'), ...target }),
  z.strictObject({ type: z.literal('undelete'), ...target }),
  z.strictObject({
    type: z.literal('createChannel'),
    ...team,
    displayName: name,
    membershipType: z.enum(['standard', 'private', 'shared']).optional(),
  }),
  z.strictObject({ type: z.literal('renameChannel'), ...place, displayName: name }),
  z.strictObject({ type: z.literal('deleteChannel'), ...place }),
  // Gone from every answer without a word, as before anybody could see it.
  z.strictObject({ type: z.literal('hideChannel'), ...place }),
  z.strictObject({ type: z.literal('restoreChannel'), channelId: id.optional() }),
  z.strictObject({ type: z.literal('createTeam'), displayName: name }),
  z.strictObject({ type: z.literal('renameTeam'), ...team, displayName: name }),
  z.strictObject({ type: z.literal('deleteTeam'), ...team }),
  z.strictObject({ type: z.literal('restoreTeam'), ...team }),
  z.strictObject({
    type: z.literal('import'),
    ...place,
    /** Of a new channel, when no channel is named. */
    displayName: name,
    /** One message for each time, or `messages` between `from` and `to`. */
    times: z.array(instant).min(1).optional(),
    messages: z.int().min(1).max(1_000_000).optional(),
    from: instant.optional(),
    to: instant.optional(),
    repliesShare: z.number().min(0).max(1).optional(),
    modifiedStamp: z.enum(['written', 'null', 'absent']).optional(),
    migrationMode: z.enum(['inProgress', 'completed']).optional(),
    /** Nobody sees the channel until `restoreChannel`. */
    hidden: z.boolean().optional(),
  }),
  z.strictObject({ type: z.literal('completeMigration'), ...place }),
  z.strictObject({ type: z.literal('archiveTeam'), ...team }),
  z.strictObject({ type: z.literal('unarchiveTeam'), ...team }),
  z.strictObject({ type: z.literal('addMember'), ...place, userId: id.optional() }),
  z.strictObject({ type: z.literal('removeMember'), ...place, userId: id.optional() }),
  z.strictObject({ type: z.literal('createUser'), displayName: name }),
  z.strictObject({
    type: z.literal('createChat'),
    chatType: z.enum(['oneOnOne', 'group', 'meeting']).optional(),
    members: z.array(id).min(2).optional(),
    topic: name,
  }),
  z.strictObject({ type: z.literal('renameChat'), chatId: id.optional(), topic: name }),
  z.strictObject({ type: z.literal('addToChat'), chatId: id.optional(), userId: id.optional() }),
  z.strictObject({ type: z.literal('removeFromChat'), chatId: id.optional(), userId: id.optional() }),
  z.strictObject({ type: z.literal('postToChat'), ...chatWriting }),
  z.strictObject({ type: z.literal('editInChat'), chatId: id.optional(), messageId: id.optional(), content: name }),
  z.strictObject({ type: z.literal('reactInChat'), chatId: id.optional(), messageId: id.optional(), ...reaction }),
  z.strictObject({ type: z.literal('deleteInChat'), chatId: id.optional(), messageId: id.optional() }),
  z.strictObject({ type: z.literal('removeChat'), chatId: id.optional() }),
  z.strictObject({ type: z.literal('installApp'), ...appPlace }),
  z.strictObject({ type: z.literal('upgradeApp'), ...appPlace, installationId: id.optional() }),
  z.strictObject({ type: z.literal('removeApp'), ...appPlace, installationId: id.optional() }),
  z.strictObject({ type: z.literal('addTab'), ...tabPlace, displayName: name }),
  z.strictObject({ type: z.literal('removeTab'), ...tabPlace, tabId: id.optional() }),
  z.strictObject({ type: z.literal('createTag'), ...team, displayName: name, members: z.array(id).optional() }),
  z.strictObject({
    type: z.literal('changeTag'),
    ...team,
    tagId: id.optional(),
    displayName: name,
    members: z.array(id).optional(),
  }),
  z.strictObject({
    type: z.literal('call'),
    startDateTime: instant.optional(),
    seconds: z.int().min(1).optional(),
    participants: z.int().min(1).max(5000).optional(),
    segments: z.int().min(1).max(5000).optional(),
  }),
  z.strictObject({ type: z.literal('pstnCall'), startDateTime: instant.optional() }),
  z.strictObject({ type: z.literal('directRoutingCall'), startDateTime: instant.optional() }),
  z.strictObject({
    type: z.literal('reviseCall'),
    callId: id.optional(),
    lastModifiedDateTime: instant.optional(),
  }),
  z.strictObject({ type: z.literal('removeTag'), ...team, tagId: id.optional() }),
  z.strictObject({
    type: z.literal('scheduleMeeting'),
    /** Who organises it. */
    userId: id.optional(),
    attendees: z.array(id).optional(),
    subject: name,
    startDateTime: instant.optional(),
    minutes: z.int().min(1).max(10_080).optional(),
    /** Of a series: days between its times, and how many there are. */
    everyDays: z.int().min(1).optional(),
    occurrences: z.int().min(1).max(500).optional(),
    zone: name,
    provider: z.enum(['unknown', 'skypeForBusiness', 'teamsForBusiness']).optional(),
    isAllDay: z.boolean().optional(),
    isPrivate: z.boolean().optional(),
    channelId: id.optional(),
    isShortLink: z.boolean().optional(),
    isOfOtherTenant: z.boolean().optional(),
  }),
  z.strictObject({
    type: z.literal('moveMeeting'),
    eventId: id.optional(),
    subject: name,
    startDateTime: instant.optional(),
  }),
  z.strictObject({ type: z.literal('cancelMeeting'), eventId: id.optional(), subject: name }),
  z.strictObject({
    type: z.literal('holdSession'),
    meetingId: id.optional(),
    subject: name,
    startDateTime: instant.optional(),
    seconds: z.int().min(1).optional(),
    /** Its report comes so long after its end. */
    lateSeconds: z.int().min(0).optional(),
    participants: z.int().min(0).max(5000).optional(),
  }),
  z.strictObject({ type: z.literal('grantAccessPolicy'), userId: id.optional() }),
  z.strictObject({ type: z.literal('withholdAccessPolicy'), userId: id.optional() }),
  z.strictObject({
    type: z.literal('createGroup'),
    groupId: id.optional(),
    displayName: name,
    /** Ids of users, of groups and of teams. */
    members: z.array(id).optional(),
  }),
]);

export type TwinEvent = z.infer<typeof TwinEventSchema>;
export type TwinEventType = TwinEvent['type'];

export const EVENT_TYPES: readonly TwinEventType[] = TwinEventSchema.options.map(
  ({ shape }) => [...shape.type.values][0]!,
);

/**
 * Checks an event that came from outside.
 *
 * @throws SluiceError `event_invalid`, naming the field and what is valid there
 */
export function parseEvent(input: unknown): TwinEvent {
  const result = TwinEventSchema.safeParse(input);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const field = issue.path.join('.') || 'event';
  const valid = field === 'type' ? EVENT_TYPES : issue.code === 'invalid_value' ? issue.values.map(String) : [];
  throw invalidEvent(field, field === 'type' ? 'unknown event type' : issue.message, valid);
}

/** The error for an event that cannot be applied. */
export function invalidEvent(field: string, problem: string, valid: readonly string[] = []): SluiceError {
  return twinErrors.event_invalid({ field, problem, valid });
}
