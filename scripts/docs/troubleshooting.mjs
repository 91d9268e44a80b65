// Every code that the program tells: why, what to do, and how it reads. Made of the rows that the errors are made of.
import { errorRows } from './error-rows.mjs';

const TITLES = {
  login: 'Signing in',
  graph: 'Reading from Graph',
  client: 'Connections',
  lake: 'The lake',
  config: 'Options and configuration',
  webhook: 'Webhooks',
  bot: 'From a bot',
  notifier: 'Notifiers of other packages',
  outbox: 'The outbox',
  'dead letter': 'Dead letters',
  router: 'Routing',
  'left out': 'Receivers that get nothing',
  card: 'Cards',
  'card fault': 'What is wrong with a card',
  server: 'The server',
  twin: 'The twin',
  end: 'How a command ends',
};

const RECOVERY = {
  retry: 'Sluice repeats it by itself; when it stays, look at the cause.',
  refresh_token: 'Sluice fetches a new token and tries again.',
  skip: 'This part is skipped and named in the report; the rest goes on.',
  user_action: 'It waits for you.',
  admin_action: 'It waits for an administrator.',
  fail: 'The run, or this part of it, stops.',
};

export async function troubleshootingPage() {
  const rows = await errorRows();
  const bySurface = groupBy(rows);
  const untitled = [...bySurface.keys()].filter((surface) => !(surface in TITLES));
  if (untitled.length > 0) throw new Error(`No title is given for the errors of ${untitled.join(', ')}.`);
  const sections = Object.entries(TITLES)
    .filter(([surface]) => bySurface.has(surface))
    .map(([surface, title]) => `## ${title}\n\n${entries(bySurface.get(surface))}`);
  return `# Troubleshooting

Look for the code that stands at the beginning of an error (\`code: message\`), in \`code\` of \`--json\`, or in the log. Below each: what it means, what to do, and how it reads. The exit codes are 0 (all is well), 1 (it failed), 2 (wrong options or configuration), 3 (in part: the report says what is missing).

${sections.join('\n')}`;
}

function groupBy(rows) {
  const groups = new Map();
  for (const row of rows) groups.set(row.surface, [...(groups.get(row.surface) ?? []), row]);
  return groups;
}

function entries(rows) {
  const codes = [...new Set(rows.map(({ code }) => code))].sort();
  return codes
    .map((code) =>
      entry(
        code,
        rows.filter((row) => row.code === code),
      ),
    )
    .join('\n');
}

function entry(code, rows) {
  const causes = [...new Set(rows.map(({ cause }) => cause))];
  const remedies = [...new Set(rows.map(({ remedy }) => remedy))];
  const [{ example, recovery }] = rows;
  return `### \`${code}\`

- Cause: ${causes.map(inMarkdown).join(' Or: ')}
- Remedy: ${remedies.map(inMarkdown).map(asSentence).join(' Or: ')} ${RECOVERY[recovery]}
- Example: \`${code}: ${example.replaceAll('`', "'").replaceAll('\n', ' ')}\`
`;
}

const inMarkdown = (text) => text.replaceAll('\n', ' ').replaceAll('<', '&lt;').replaceAll('|', '\\|');

const asSentence = (text) => (/[.!?]$/.test(text) ? text : `${text}.`);
