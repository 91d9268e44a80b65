import { defineErrors, unknownRow } from '../../errors/define-errors.ts';

export const stdioErrors = defineErrors('config', {
  stdio_request_invalid: {
    recovery: 'fail',
    cause: 'A program that drives `sluice stdio` sent a line that is no request.',
    remedy: 'Use the program and its client of the same release.',
    example: { problem: 'table: a text is due' },
    says: ({ problem }) => `A request cannot be read: ${problem}.`,
    details: ({ problem }) => ({ problem }),
  },
  stdio_operation_unknown: unknownRow(
    { field: 'op', value: 'change', valid: ['open', 'freshen', 'changes'] },
    {
      cause: 'A program that drives `sluice stdio` asked for an operation that this release does not have.',
      remedy: 'Use the program and its client of the same release.',
    },
  ),
  stdio_not_open: {
    recovery: 'fail',
    cause: 'A program that drives `sluice stdio` asked for something before it said what to work on.',
    remedy: 'Send `open` first.',
  },
  stdio_run_failed: {
    recovery: 'fail',
    cause: 'The run that was to make a lake fresh failed: the message begins with the code of its error.',
    remedy: 'See the page of that code. The lake is as it was.',
    example: { code: 'lake_busy', message: 'Another process writes the lake.' },
    says: ({ code, message }) => `${code}: ${message}`,
    hint: () => undefined,
    details: ({ code }) => ({ code }),
  },
  stdio_cancelled: {
    recovery: 'retry',
    cause: 'A request of a program that drives `sluice stdio` was cancelled, or its input ended.',
    remedy: 'Ask again, if it is still wanted.',
  },
});
