import { z } from 'zod';
import { parseDateTime } from './date-time.ts';

/** Ids stand in URLs and in JSON as they are. */
export const id = z.string().regex(/^[^\s"\\/?#]+$/, 'must be text without spaces, quotes, slashes, ? and #');

export const instant = z.string().transform((text, context) => {
  const ms = parseDateTime(text);
  if (ms !== undefined) return ms;
  context.addIssue({ code: 'custom', message: 'must be a date like 2026-03-01T09:30:00.123Z' });
  return z.NEVER;
});
export const dateTime = instant.transform((ms) => new Date(ms).toISOString());
export const text = z.string();

const ReactionLine = z.object({
  reactionType: text.min(1),
  custom: z.object({ displayName: text, contentUrl: text }).optional(),
  userId: id,
  createdDateTime: instant,
});

/** What every message has, wherever it was written. */
export const writing = {
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
  /** Pictures and code that the twin keeps for it. */
  hostedContents: z
    .array(
      z.object({
        id,
        contentType: text,
        size: z.int().nonnegative(),
        seed: text,
        shownIn: z.enum(['text', 'attachment']),
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
