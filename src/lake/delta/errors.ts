import { defineErrors } from '../../errors/define-errors.ts';

export const deltaErrors = defineErrors('lake', {
  delta_table_foreign: {
    recovery: 'user_action',
    cause:
      'The folder holds a Delta table that Sluice did not make, or that somebody changed in a way that Sluice cannot go on from: its columns, its partitions, its protocol.',
    remedy: 'Name another folder with --to, or remove this table: the next export makes it anew.',
    example: { table: 'delta/messages', why: 'its protocol asks for writer version 7' },
    says: ({ table, why }) => `The Delta table ${table} cannot be written (${why}). Nothing of it was changed.`,
    details: ({ table }) => ({ table }),
  },
  delta_log_unreadable: {
    recovery: 'user_action',
    cause: 'A file of the log of a Delta table is missing or damaged.',
    remedy: 'Restore it from a copy, or remove this table: the next export makes it anew.',
    example: { table: 'delta/messages', file: '_delta_log/00000000000000000007.json', why: 'it is missing' },
    says: ({ table, file, why }) => `${file} of the Delta table ${table} cannot be read (${why}). Nothing was changed.`,
    details: ({ table, file }) => ({ table, file }),
  },
  delta_column_changed: {
    recovery: 'user_action',
    cause: 'A column of the lake has another type now than in the rows that the Delta table of its changes holds.',
    remedy: 'Write it anew with --full. Whoever streams it begins anew too.',
    example: { table: 'delta/messages_changes', column: 'importance' },
    says: ({ table, column }) => `The column ${column} has another type now than in the Delta table ${table}.`,
    details: ({ table, column }) => ({ table, column }),
  },
  delta_changes_expired: {
    recovery: 'user_action',
    cause: 'A compaction dropped changes that were not exported yet: the Delta table of changes would lack some.',
    remedy:
      'Write it anew with --full, and whoever streams it begins anew. Export more often than changes are kept (compact --retention).',
    example: { table: 'delta/messages_changes', after: 3, least: 12 },
    says: ({ table, after, least }) =>
      `Changes after version ${after} of the lake, which are to be appended to ${table}, are not complete any more; they are from version ${least} on.`,
    details: ({ table, after, least }) => ({ table, after, least }),
  },
});
