// A command that answers, and names what is wrong with what it was asked.
const command = `import { Command } from 'commander';
import { cliErrors } from '../errors.ts';
import type { Io } from '../io.ts';

/** \`sluice greet NAME\`: says hello. */
export function greetCommand(io: Io): Command {
  return new Command('greet')
    .description('Says hello.')
    .argument('<name>', 'whom')
    .action((name: string) => {
      if (name === 'nobody') throw cliErrors.greeted_nobody({ name });
      io.out(\`Hello, \${name}.\\n\`);
    });
}
`;

export const error = {
  name: 'error',
  most: 1,

  add(house) {
    house.insert('src/cli/errors.ts', {
      after: "export const cliErrors = defineErrors('config', {\n",
      text: `  greeted_nobody: {
    recovery: 'user_action',
    cause: 'There is nobody to greet.',
    remedy: 'Name somebody.',
    example: { name: 'nobody' },
    says: ({ name }) => \`\${name} cannot be greeted.\`,
  },
`,
    });
  },

  /** It is thrown, told by code, sentence and remedy, ends with the exit code of its recovery, and stands on both pages. */
  async works(house) {
    const told = await house.later(['dist/cli/main.js', 'greet', 'nobody'], {}, 2);
    if (!/greeted_nobody: nobody cannot be greeted\..*Name somebody/s.test(told)) throw new Error(`It says:\n${told}`);
    for (const page of ['docs/reference/errors.md', 'docs/troubleshooting.md'])
      if (!house.read(page).includes('greeted_nobody')) throw new Error(`${page} does not name it.`);
    return 'thrown, told, on the reference page, exit code 2';
  },
};

export const newCommand = {
  name: 'command',
  most: 2,

  add(house) {
    house.write('src/cli/commands/greet.ts', command);
    house.insert('src/cli/commands.ts', {
      before: '  demo: {\n',
      text: `  greet: {
    summary: 'say hello',
    load: async () => (await import('./commands/greet.ts')).greetCommand,
  },
`,
    });
  },

  async works(house) {
    const said = await house.later(['dist/cli/main.js', 'greet', 'Ada']);
    if (said !== 'Hello, Ada.\n') throw new Error(`It says:\n${said}`);
    if (!(await house.later(['dist/cli/main.js', '--help'])).includes('say hello'))
      throw new Error('The help does not name it.');
    if (!house.read('docs/reference/commands.md').includes('## sluice greet'))
      throw new Error('The reference page does not name it.');
    return 'runs, in the help, on the reference page';
  },
};
