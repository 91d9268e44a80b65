import { defineErrors } from '../../errors/define-errors.ts';

export const queryErrors = defineErrors('lake', {
  query_not_read_only: {
    recovery: 'user_action',
    cause: 'A statement is no query: it would write, attach, set or load something, or there are several.',
    remedy: 'Give one SELECT, WITH, FROM, VALUES, PIVOT, DESCRIBE, SHOW, SUMMARIZE or EXPLAIN.',
    example: { problem: 'DELETE is not a query.' },
    says: ({ problem }) => problem,
  },
  query_outside_lake: {
    recovery: 'user_action',
    cause: 'A query reaches for something else than the tables of the lake.',
    remedy:
      "A query reads the lake's tables only; `sluice tables` lists them. Read other files with a DuckDB of your own.",
    example: { problem: 'read_csv is not available in queries.' },
    says: ({ problem }) => problem,
  },
  lake_reader_closed: {
    recovery: 'fail',
    cause: 'A query was given to a reader that is closed.',
    remedy: 'Open another one.',
    example: { lake: './lake' },
    says: ({ lake }) => `The reader of ${lake} is closed.`,
  },
  query_failed: {
    recovery: 'user_action',
    cause: 'DuckDB refuses a query, or it fails on the way.',
    remedy: '`sluice tables` lists tables and columns.',
    example: { problem: 'Binder Error: Referenced column "subjekt" not found in FROM clause!' },
    says: ({ problem }) => problem,
  },
});
