import { defineErrors } from '../errors/define-errors.ts';

export const checkpointErrors = defineErrors('config', {
  checkpoint_unreadable: {
    recovery: 'user_action',
    cause: 'The checkpoint of the original job holds no instant that has passed. It is not taken for a first run.',
    remedy:
      'Correct the file: one line, such as 2026-01-05T02:05:00Z. Or leave attendance.checkpoint (REG_ACCOUNT_URL) out: each account then begins with its first window.',
    example: { file: 'latest_meeting_start.txt', problem: 'It is empty.' },
    says: ({ file, problem }) => `The checkpoint ${file} cannot be used. ${problem} Nothing was read.`,
  },
  checkpoint_changed: {
    recovery: 'user_action',
    cause: 'The checkpoint of the original job was changed while it was taken over: that job still runs.',
    remedy: 'Stop the original job, then run again.',
    example: { file: 'latest_meeting_start.txt' },
    says: ({ file }) => `The checkpoint ${file} was changed while it was taken over. Nothing was read.`,
  },
});

export const manifestErrors = defineErrors('lake', {
  manifest_unreadable: {
    recovery: 'user_action',
    cause: 'The file that says which documents of the attendance job are whole cannot be read.',
    remedy: 'Restore it, or name another folder with --snapshots. The rows are in the lake.',
    example: { place: './attendance/attendance-manifest.json' },
    says: ({ place }) => `${place} is not what the attendance job wrote. No document was written.`,
  },
});
