import type { Column } from '../../schema/column.ts';

/** What is known of a content once it was asked for. https://learn.microsoft.com/en-us/graph/api/chatmessagehostedcontent-get */
export const contentFileColumns = {
  contentType: { type: 'string', description: 'What the service says that it is: image/png, …' },
  size: { type: 'int64', description: 'Bytes; of one that is too large what the service says, or null.' },
  sha256: { type: 'string', description: 'Checksum of the bytes; null while they are not in the lake.' },
  file: { type: 'string', description: 'The file in the lake, below its folder; equal bytes are one file.' },
  code: { type: 'string', description: 'Why the bytes are not in the lake; null when they are.' },
  limitBytes: { type: 'int64', description: 'Of one that is too large: the limit at that time.' },
  tries: { type: 'int32', description: 'How often it was asked for in vain.' },
  failedSince: { type: 'timestamp', description: 'When that failed first.' },
  retryAt: { type: 'timestamp', description: 'Not before then is it asked for again.' },
  fetchedDateTime: { type: 'timestamp', description: 'When it was asked for last.' },
} as const satisfies Record<string, Column>;
