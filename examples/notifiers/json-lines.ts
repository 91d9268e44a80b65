import { appendFile } from 'node:fs/promises';
import { SluiceError } from '../../src/errors/sluice-error.ts';
import type { Notifier } from '../../src/messages/types.ts';

/** A notifier that appends each message to a file as one line of JSON: a record, or input for another program. */
export function jsonLinesNotifier(options: { readonly name: string; readonly file: string }): Notifier {
  return {
    name: options.name,
    notify: async ({ id, destination, payload, attempt }) => {
      try {
        await appendFile(options.file, `${JSON.stringify({ id, destination, attempt, payload })}\n`);
        return { kind: 'delivered', id };
      } catch (cause) {
        return { kind: 'retry', error: unwritable(cause) };
      }
    },
  };
}

const unwritable = (cause: unknown) =>
  new SluiceError({
    code: 'record_unwritable',
    recovery: 'retry',
    surface: 'outbox',
    message: 'The record file cannot be written.',
    hint: 'Check the folder, its rights and the free space.',
    cause,
  });
