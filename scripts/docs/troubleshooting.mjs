// Every error code of the program: what it says, why, and what to do. Rows of the rule tables as they are; of errors
// that are made in the code, the words that stand there, with `…` for what is put in.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { errorRows } from './error-rows.mjs';

const source = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'src');

const TITLES = {
  login: 'Signing in',
  graph: 'Reading from Graph',
  client: 'Connections',
  lake: 'The lake',
  config: 'Options and configuration',
  webhook: 'Webhooks',
  outbox: 'The outbox',
  router: 'Routing',
  card: 'Cards',
  server: 'The server',
  twin: 'The twin',
  bot: 'The bot',
};

const RECOVERY = {
  retry: 'Sluice repeats it by itself; when it stays, look at the cause.',
  refresh_token: 'Sluice fetches a new token and tries again.',
  skip: 'This part is skipped and named in the report; the rest goes on.',
  user_action: 'It waits for you.',
  admin_action: 'It waits for an administrator.',
  fail: 'The run, or this part of it, stops.',
};

/** The words of an expression, with `…` for what is only known later; undefined: it is no text. */
function words(node) {
  if (!node) return undefined;
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isTemplateExpression(node)) {
    return (
      node.head.text +
      node.templateSpans.map(({ expression, literal }) => (words(expression) ?? '…') + literal.text).join('')
    );
  }
  if (ts.isConditionalExpression(node)) return words(node.whenFalse) || words(node.whenTrue);
  if (ts.isBinaryExpression(node)) {
    const [left, right] = [words(node.left), words(node.right)];
    return node.operatorToken.kind === ts.SyntaxKind.PlusToken ? `${left ?? '…'}${right ?? '…'}` : (right ?? left);
  }
  if (ts.isParenthesizedExpression(node) || ts.isAsExpression(node)) return words(node.expression);
  return undefined;
}

const isCode = (text) => /^[a-z]+(?:_[a-z\d]+)+$/.test(text ?? '');

/** What an object literal says of an error, or a call such as `refusal('code', 'message', 'hint')`. */
function made(node, file) {
  if (ts.isObjectLiteralExpression(node)) {
    const property = (name) => node.properties.find((one) => one.name?.getText() === name)?.initializer;
    const [code, message] = [words(property('code')), words(property('message'))];
    if (!isCode(code) || message === undefined) return undefined;
    return {
      code,
      message,
      hint: words(property('hint')),
      surface: words(property('surface')),
      recovery: words(property('recovery')),
      file,
    };
  }
  if (ts.isCallExpression(node) && /^(refusal|misplaced|refused)$/.test(node.expression.getText())) {
    const [code, message, hint] = node.arguments.map(words);
    if (isCode(code) && message !== undefined) return { code, message, hint, file };
  }
  return undefined;
}

/** Where an error comes from when its maker says so elsewhere: by the room of the file. */
const ROOMS = {
  lake: 'lake',
  server: 'server',
  router: 'router',
  outbox: 'outbox',
  cards: 'card',
  simulator: 'twin',
  webhooks: 'webhook',
  graph: 'graph',
};

function fromSource() {
  const found = [];
  for (const file of readdirSync(source, { recursive: true }).sort()) {
    if (!file.endsWith('.ts') || file.endsWith('.test.ts') || file.endsWith('-rules.ts')) continue;
    const tree = ts.createSourceFile(file, readFileSync(join(source, file), 'utf8'), ts.ScriptTarget.Latest, true);
    const visit = (node) => {
      const error = made(node, file);
      if (error) found.push(error);
      ts.forEachChild(node, visit);
    };
    visit(tree);
  }
  return found.map(({ code, message, hint, surface, recovery, file }) => ({
    surface: surface ?? ROOMS[file.split('/')[0]] ?? 'config',
    code,
    recovery: recovery ?? 'user_action',
    cause: message,
    remedy: hint ?? '',
    example: hint ? `${message} ${hint}` : message,
  }));
}

export async function troubleshootingPage() {
  const made = await errorRows();
  const known = new Set(made.map(({ code }) => code));
  const rows = [...made, ...fromSource().filter(({ code }) => !known.has(code))];
  const bySurface = Map.groupBy ? Map.groupBy(rows, ({ surface }) => surface) : groupBy(rows);
  const sections = Object.entries(TITLES)
    .filter(([surface]) => bySurface.has(surface))
    .map(([surface, title]) => `## ${title}\n\n${entries(bySurface.get(surface))}`);
  return `# Troubleshooting

Look for the code that stands at the beginning of an error (\`code: message\`), in \`code\` of \`--json\`, or in the log. Below each: what it means, what to do, and how it reads; \`…\` stands for what is put in. The exit codes are 0 (all is well), 1 (it failed), 2 (wrong options or configuration), 3 (in part: the report says what is missing).

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
  const hints = [...new Set(rows.map(({ remedy }) => remedy).filter((remedy) => remedy !== ''))];
  const [example] = rows.flatMap((row) => row.example ?? []);
  return `### \`${code}\`

- Cause: ${causes.map(inMarkdown).join(' Or: ')}
- Remedy: ${hints.length > 0 ? hints.map(inMarkdown).join(' Or: ') : 'The message says it.'} ${RECOVERY[rows[0].recovery]}
${example === undefined ? '' : `- Example: \`${code}: ${example.replaceAll('`', "'").replaceAll('\n', ' ')}\`\n`}`;
}

const inMarkdown = (text) => text.replaceAll('\n', ' ').replaceAll('<', '&lt;').replaceAll('|', '\\|');
