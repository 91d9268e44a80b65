import { createHash } from 'node:crypto';

/** A conversation as logs name it: the same each time, and not its id. */
export const conversationHash = (appId: string, conversationId: string): string =>
  createHash('sha256').update(`${appId}\n${conversationId}`).digest('hex').slice(0, 16);
