import { defineErrors } from '../../errors/define-errors.ts';

export const exportErrors = defineErrors('lake', {
  export_of_another_lake: {
    recovery: 'user_action',
    cause: 'The folder holds the export of another lake.',
    remedy: 'Name another folder with --to, or remove the old export first.',
    example: { place: './out/parquet', lake: './teams-lake' },
    says: ({ place, lake }) => `${place} holds the export of another lake than ${lake}. Nothing was changed.`,
  },
  export_ahead_of_lake: {
    recovery: 'user_action',
    cause: 'The lake went back behind what was exported: it was restored from a copy, or repaired.',
    remedy: 'Write the export anew with --full.',
    example: { place: './out/parquet', exported: 42, version: 40 },
    says: ({ place, exported, version }) =>
      `${place} holds version ${exported} of the lake, which is at ${version} now and has another history. Nothing was changed.`,
    details: ({ exported, version }) => ({ exported, version }),
  },
  export_lake_behind: {
    recovery: 'retry',
    cause: 'A sync has landed rows of the table and not yet shown them in current/: it runs at present, or was killed.',
    remedy: 'Run again when it has ended.',
    example: { table: 'messages' },
    says: ({ table }) => `The table ${table} is being written at present. It was not exported.`,
    details: ({ table }) => ({ table }),
  },
  export_state_unreadable: {
    recovery: 'user_action',
    cause: 'The file that says what an export holds cannot be read: it is damaged, or a newer Sluice wrote it.',
    remedy: 'Remove the folder of the export and run again, or update Sluice.',
    example: { place: './out/parquet', file: '_export/00000000000000000007.json', why: 'it is not JSON' },
    says: ({ place, file, why }) => `${file} in ${place} cannot be read (${why}). Nothing was changed.`,
    details: ({ file }) => ({ file }),
  },
  export_overtaken: {
    code: 'lake_conflict',
    recovery: 'fail',
    cause: 'Another export wrote the folder meanwhile.',
    remedy: 'Run again: it goes on from what is written.',
    example: { place: './out/parquet' },
    says: ({ place }) => `Another export wrote ${place} meanwhile; this one writes nothing more.`,
  },
  delta_table_foreign: {
    recovery: 'user_action',
    cause:
      'The folder holds a Delta table that Sluice did not make, or that somebody changed in a way that Sluice cannot go on from: its columns, its partitions, its protocol.',
    remedy: 'Name another folder with --to, or remove this table: the next export makes it anew.',
    example: { table: 'delta/messages', why: 'its protocol asks for writer version 7' },
    says: ({ table, why }) => `The Delta table ${table} cannot be written (${why}). Nothing of it was changed.`,
  },
  delta_log_unreadable: {
    recovery: 'user_action',
    cause: 'A file of the log of a Delta table is missing or damaged.',
    remedy: 'Restore it from a copy, or remove this table: the next export makes it anew.',
    example: { table: 'delta/messages', file: '_delta_log/00000000000000000007.json', why: 'it is not JSON' },
    says: ({ table, file, why }) => `${file} of the Delta table ${table} cannot be read (${why}). Nothing was changed.`,
    details: ({ file }) => ({ file }),
  },
  delta_column_changed: {
    recovery: 'user_action',
    cause: 'A column of the lake has another type now than in the rows that the Delta table of its changes holds.',
    remedy: 'Write it anew with --full. Whoever streams it begins anew too.',
    example: { table: 'delta/messages_changes', column: 'importance' },
    says: ({ table, column }) => `The column ${column} has another type now than in the Delta table ${table}.`,
    details: ({ column }) => ({ column }),
  },
});
