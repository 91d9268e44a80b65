// Packs the package, installs the tarball in an empty folder as a user would, and runs it:
// help, a simulated tenant of one team, one sync, one query, one message to a webhook; then a notifier of another package
// (examples/notifier-inbox), packed and installed beside it: sent to by name, routed to by a server, seen in the outbox.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const folder = mkdtempSync(join(tmpdir(), 'sluice-smoke-'));

function run(command, args, env = {}) {
  const result = spawnSync(command, args, { cwd: folder, env: { ...process.env, ...env }, encoding: 'utf8' });
  if (result.status !== 0)
    throw new Error(`${command} ${args.join(' ')} ended with ${result.status}:\n${result.stdout}${result.stderr}`);
  return result.stdout;
}

function expect(what, holds) {
  if (!holds) throw new Error(`smoke test: ${what}`);
  console.log(`ok: ${what}`);
}

const inboxExample = join(root, 'examples', 'notifier-inbox');

/** As `run`, while this process goes on. */
async function later(command, args, env = {}) {
  const child = spawn(command, args, { cwd: folder, env: { ...process.env, ...env } });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => (printed += part));
  const [status] = await once(child, 'close');
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}:\n${printed}`);
  return printed;
}

/** The types of what was installed: the notifier against those of Sluice. */
function checkTypes() {
  writeFileSync(
    join(folder, 'types.ts'),
    "import inbox from 'sluice-notifier-inbox';\nexport const name: string = inbox.name;\n",
  );
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const how = ['--noEmit', '--strict', '--allowJs', '--checkJs', '--maxNodeModuleJsDepth', '1', '--skipLibCheck'];
  const where = [
    '--module',
    'nodenext',
    '--target',
    'es2023',
    '--typeRoots',
    join(root, 'node_modules', '@types'),
    '--types',
    'node',
  ];
  run(process.execPath, [tsc, ...how, ...where, 'types.ts']);
}

async function sendThroughInbox(sluice, env) {
  const taken = [];
  const inbox = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    taken.push(JSON.parse(body));
    response.writeHead(201).end();
  }).listen(0, '127.0.0.1');
  await once(inbox, 'listening');
  copyFileSync(join(inboxExample, 'sluice.yaml'), join(folder, 'sluice.yaml'));
  const url = `http://127.0.0.1:${inbox.address().port}/?token=canary`;
  const own = { ...env, INBOX_URL: url };
  const send = ['send', '--to', 'records', '--text', 'Ledger closed', '--json'];
  const [sent] = JSON.parse(await later(process.execPath, [sluice, ...send], own)).destinations;
  expect(`the notifier of another package delivers (${sent.outcome})`, sent.outcome === 'delivered');
  expect('its inbox has it', taken[0].text.includes('Ledger closed') && taken[0].people.length === 2);

  const server = spawn(process.execPath, [sluice, 'serve', '--port', '0', '--json'], {
    cwd: folder,
    env: { ...process.env, ...own },
  });
  try {
    const { value: line } = await createInterface({ input: server.stdout })[Symbol.asyncIterator]().next();
    const { url: base } = JSON.parse(line);
    const body = JSON.stringify({ status: 'event', severity: 'audit', text: 'Door opened' });
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${base}/v1/notifications`, { method: 'POST', headers, body });
    expect(`a server takes what is routed to it (${answer.status})`, answer.status === 202);
    while (taken.length < 2) await new Promise((resolve) => setTimeout(resolve, 50));
    expect('the route led to the inbox', taken[1].text.includes('Door opened'));
    const metrics = await (await fetch(`${base}/metrics`)).text();
    expect('the metrics count it', /attempts_total\{notifier="inbox"/.test(metrics) && !metrics.includes('canary'));
  } finally {
    server.kill();
    await once(server, 'close');
    inbox.close();
  }
  const listed = await later(process.execPath, [sluice, 'outbox', 'list', '--json'], own);
  const states = listed
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).state);
  expect(
    `the outbox lists both (${states.join(', ')})`,
    states.length === 2 && states.every((state) => state === 'delivered'),
  );
}

let simulator;
try {
  for (const cwd of [root, inboxExample]) {
    const pack = ['pack', '--pack-destination', folder, '--loglevel=error'];
    const packed = spawnSync('npm', pack, { cwd, encoding: 'utf8' });
    if (packed.status !== 0) throw new Error(packed.stderr);
  }
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'smoke', private: true, type: 'module' }));
  const tarballs = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  const quietly = ['--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
  run('npm', ['install', ...quietly, ...tarballs.map((name) => `./${name}`)]);
  const sluice = join(folder, 'node_modules', 'sluice', 'dist', 'cli', 'main.js');
  expect('sluice --help names the commands', /\bsync\b/.test(run(process.execPath, [sluice, '--help'])));

  simulator = spawn(process.execPath, [
    sluice,
    'simulate',
    '--teams',
    '1',
    '--channels',
    '2',
    '--messages',
    '30',
    '--users',
    '10',
    '--seed',
    '1',
    '--json',
  ]);
  const { value: line } = await createInterface({ input: simulator.stdout })[Symbol.asyncIterator]().next();
  const { url, env, webhooks } = JSON.parse(line);
  const events = run(process.execPath, [sluice, 'sync', '--lake', 'lake', '--json'], env).trim().split('\n');
  const report = JSON.parse(events.at(-1));
  expect(`a sync of one team ends ok (${report.outcome})`, report.outcome === 'ok');
  const rows = run(process.execPath, [sluice, 'query', 'SELECT count(*) AS n FROM messages', '--json']);
  expect(`the lake answers (${rows.trim()})`, JSON.parse(rows).n === report.tables.messages.rows);

  const text = 'Build 512 is green';
  const send = ['send', '--webhook', webhooks[0], '--text', text, '--json'];
  const [sent] = JSON.parse(run(process.execPath, [sluice, ...send], env)).destinations;
  expect(`a message is taken (${sent.outcome})`, sent.outcome === 'accepted' && sent.attempts === 1);
  const channel = await (await fetch(`${url}/_twin/channel?webhook=ops`)).text();
  expect('the channel shows it', channel.includes(text));

  checkTypes();
  console.log('ok: the types of the notifier are those of sluice/notifiers');
  await sendThroughInbox(sluice, { ...env, OPS_WEBHOOK: webhooks[0] });
} finally {
  simulator?.kill();
  rmSync(folder, { recursive: true, force: true });
}
