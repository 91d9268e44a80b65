import { createHash } from 'node:crypto';
import type { Page } from '../graph/types.ts';

/**
 * What tells a page from another. A page that an earlier run landed, and that comes again byte for byte, says nothing new:
 * where nothing changed, every read ends at the newest message, and landing it again costs more than the request.
 *
 * @param since - what was left out when it was landed
 */
export const digestOf = ({ bytes }: Pick<Page, 'bytes'>, since?: string | undefined): string =>
  createHash('sha256')
    .update(since ?? '')
    .update('\n')
    .update(bytes)
    .digest('base64url');
