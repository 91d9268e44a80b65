import { createProgram } from '../../dist/cli/program.js';

const io = { out: () => {}, err: () => {}, live: false, columns: 100, env: {}, signal: new AbortController().signal };

export async function commandPage() {
  const program = await createProgram(io, () => {});
  const commands = program.commands.flatMap((command) => [command, ...command.commands]);
  return `# Commands

Exit codes: 0 ok, 1 failed, 2 wrong usage, 3 partial (something was skipped, the report says what; or it was stopped).

${commands.map((command) => `## sluice ${pathOf(command)}\n\n\`\`\`text\n${helpOf(command)}\n\`\`\`\n`).join('\n')}`;
}

function pathOf(command) {
  return command.parent?.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();
}

function helpOf(command) {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part), getOutHelpWidth: () => 100 });
  command.outputHelp();
  return text.trim();
}
