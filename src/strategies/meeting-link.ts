/** What the link of a meeting says. */
export interface MeetingLink {
  readonly threadId: string;
  /** `0` for a meeting of a calendar; another one for a meeting in a channel. */
  readonly messageId: string;
  readonly tenantId: string;
  readonly organizerId: string;
}

const MEETUP_JOIN = /^https:\/\/[^/]+\/l\/meetup-join\/([^/?#]+)\/([^/?#]+)\/?\?(?:[^#]*&)?context=([^&#]+)/i;

/**
 * The parts of a link to a meeting; undefined: it has another shape (short links, other services).
 *
 * @see https://learn.microsoft.com/en-us/graph/api/onlinemeeting-get
 */
export function meetingLink(joinUrl: string): MeetingLink | undefined {
  const [, thread, message, context] = MEETUP_JOIN.exec(joinUrl) ?? [];
  try {
    const { Tid, Oid } = JSON.parse(decodeURIComponent(context ?? '')) as Readonly<Record<string, unknown>>;
    if (typeof Tid !== 'string' || typeof Oid !== 'string') return undefined;
    const [threadId, messageId] = [decodeURIComponent(thread!), decodeURIComponent(message!)];
    return { threadId, messageId, tenantId: Tid.toLowerCase(), organizerId: Oid.toLowerCase() };
  } catch {
    return undefined;
  }
}

export const isOfChannel = ({ messageId }: Pick<MeetingLink, 'messageId'>): boolean => messageId !== '0';

/**
 * The id that Graph gives a meeting, made of its link; undefined: it is not made of one. The form is not documented, so that
 * who uses it asks once whether it still holds.
 */
export function builtMeetingId(link: MeetingLink): string | undefined {
  if (isOfChannel(link)) return undefined;
  return Buffer.from(`1*${link.organizerId}*0**${link.threadId}`).toString('base64');
}
