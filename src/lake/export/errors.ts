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
});
