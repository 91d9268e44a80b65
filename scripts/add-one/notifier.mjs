// A notifier of the house: it appends each message to a file as one line of JSON.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const kind = `import { appendFile } from 'node:fs/promises';
import { notifierErrors } from '../errors.ts';
import type { NotifierKind } from '../kind.ts';

interface LogbookReceiver {
  readonly file: string;
}

/** A file with a line for each message. */
export const logbook: NotifierKind<LogbookReceiver> = {
  api: 1,
  name: 'logbook',
  fields: ({ path }) => ({ file: path.describe('File that each message is appended to, as a line of JSON.') }),
  open: () => ({
    endpoints: ({ file }) => [file],
    notify: async ({ id, receiver, text }) => {
      try {
        await appendFile(receiver.file, \`\${JSON.stringify({ id, text: text() })}\\n\`);
        return { kind: 'delivered', id };
      } catch (cause) {
        return { kind: 'retry', error: notifierErrors.notifier_failed({ cause }) };
      }
    },
  }),
};
`;

export const newNotifier = {
  name: 'notifier',
  most: 3,

  add(house) {
    house.write('src/notifiers/logbook/kind.ts', kind);
    house.insert('src/notifiers/kinds.ts', {
      before: "import type { NotifierKind } from './kind.ts';\n",
      text: "import { logbook } from './logbook/kind.ts';\n",
    });
    house.insert('src/notifiers/kinds.ts', { after: '= [webhook', text: ', logbook' });
  },

  /** Configured, sent to, in the outbox and on the reference page. */
  async works(house) {
    house.write(
      'logbook.yaml',
      'receivers: { log: { notifier: logbook, file: ./logbook.jsonl } }\noutbox: { url: "sqlite:logbook.db" }\n',
    );
    const said = await house.later([
      'dist/cli/main.js',
      'send',
      '--to',
      'log',
      '--text',
      'Written down',
      '--config',
      'logbook.yaml',
      '--json',
    ]);
    if (JSON.parse(said).destinations[0].outcome !== 'delivered') throw new Error(`It says:\n${said}`);
    if (!readFileSync(join(house.folder, 'logbook.jsonl'), 'utf8').includes('Written down'))
      throw new Error('The file does not hold it.');
    const listed = await house.later(['dist/cli/main.js', 'outbox', 'list', '--config', 'logbook.yaml', '--json']);
    if (!listed.includes('"notifier":"logbook"')) throw new Error(`The outbox lists:\n${listed}`);
    if (!house.read('docs/reference/configuration.md').includes('receivers.NAME.file'))
      throw new Error('The reference page does not name it.');
    return 'configured, sent to, in the outbox, on the reference page';
  },
};
