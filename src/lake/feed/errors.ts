import { defineErrors } from '../../errors/define-errors.ts';

export const feedErrors = defineErrors('lake', {
  full_refresh_needed: {
    recovery: 'user_action',
    cause:
      'A consumer of changes cannot go on from where it was: its offset is of another lake, of a version that the lake does not have any more, or older than the changes that are kept.',
    remedy:
      'Read the table anew: remove the checkpoint of the stream, or refresh the table of the pipeline in full. Read more often than changes are kept (`--retention` of `sluice compact`).',
    example: { lake: './teams-lake', version: 7, why: 'changes are kept from version 40 on' },
    says: ({ lake, version, why }) => `The changes of ${lake} cannot be read on from version ${version}: ${why}.`,
    details: ({ version }) => ({ version }),
  },
  feed_place_too_large: {
    recovery: 'fail',
    cause: 'A commit holds more pages than places in it can be told apart by.',
    remedy: 'Read the table without max_records_per_batch.',
    example: { table: 'messages', version: 7 },
    says: ({ table, version }) => `Commit ${version} of table ${table} cannot be read in parts.`,
    details: ({ table, version }) => ({ table, version }),
  },
});
