/** A thread of a channel is in the channel's conversation. */
export const withoutThread = (conversationId: string): string => conversationId.split(';messageid=')[0]!;
