// A notifier of the house: it appends each message to a file as one line of JSON.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const kind = `import { appendFile } from 'node:fs/promises';
import type { NotifierKind } from '../kind.ts';

interface JournalReceiver {
  readonly file: string;
}

/** A file with a line for each message. */
export const journal: NotifierKind<JournalReceiver> = {
  api: 1,
  name: 'journal',
  fields: ({ path }) => ({ file: path.describe('File that each message is appended to, as a line of JSON.') }),
  open: () => ({
    endpoints: ({ file }) => [file],
    notify: async ({ id, receiver, text }) => {
      try {
        await appendFile(receiver.file, \`\${JSON.stringify({ id, text: text() })}\\n\`);
        return { kind: 'delivered', id };
      } catch (cause) {
        return { kind: 'retry', error: { code: 'journal_unwritable', message: 'The file cannot be written.', cause } };
      }
    },
  }),
};
`;

export const newNotifier = {
  name: 'notifier',
  most: 3,

  add(house) {
    house.write('src/notifiers/journal/kind.ts', kind);
    house.insert('src/notifiers/kinds.ts', {
      before: "import type { NotifierKind } from './kind.ts';\n",
      text: "import { journal } from './journal/kind.ts';\n",
    });
    house.insert('src/notifiers/kinds.ts', { after: '= [webhook', text: ', journal' });
  },

  /** Configured, sent to, in the outbox and on the reference page. */
  async works(house) {
    house.write(
      'journal.yaml',
      'receivers: { log: { notifier: journal, file: ./journal.jsonl } }\noutbox: { url: "sqlite:journal.db" }\n',
    );
    const said = await house.later([
      'dist/cli/main.js',
      'send',
      '--to',
      'log',
      '--text',
      'Written down',
      '--config',
      'journal.yaml',
      '--json',
    ]);
    if (JSON.parse(said).destinations[0].outcome !== 'delivered') throw new Error(`It says:\n${said}`);
    if (!readFileSync(join(house.folder, 'journal.jsonl'), 'utf8').includes('Written down'))
      throw new Error('The file does not hold it.');
    const listed = await house.later(['dist/cli/main.js', 'outbox', 'list', '--config', 'journal.yaml', '--json']);
    if (!listed.includes('"notifier":"journal"')) throw new Error(`The outbox lists:\n${listed}`);
    if (!house.read('docs/reference/configuration.md').includes('receivers.NAME.file'))
      throw new Error('The reference page does not name it.');
    return 'configured, sent to, in the outbox, on the reference page';
  },
};
