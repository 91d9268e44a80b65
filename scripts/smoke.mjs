// Packs the package, installs the tarball in an empty folder as a user would, and runs it:
// help, a simulated tenant of one team, one sync, one query, one message to a webhook.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
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

let simulator;
try {
  const packed = spawnSync('npm', ['pack', '--pack-destination', folder, '--loglevel=error'], {
    cwd: root,
    encoding: 'utf8',
  });
  if (packed.status !== 0) throw new Error(packed.stderr);
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'smoke', private: true, type: 'module' }));
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error', `./${tarball}`]);
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
} finally {
  simulator?.kill();
  rmSync(folder, { recursive: true, force: true });
}
