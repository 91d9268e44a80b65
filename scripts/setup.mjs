// Makes a checkout ready to run: checks the Node version, installs what the lockfile names, builds dist/.
// Each step is skipped when its result is already newer than what it is made from.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const needed = [20, 19];
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < needed[0] || (major === needed[0] && minor < needed[1])) {
  console.error(`Sluice needs Node ${needed.join('.')} or newer; this is ${process.versions.node}.`);
  process.exit(1);
}

const force = process.argv.includes('--build');
const modifiedMs = (path) => (existsSync(join(root, path)) ? statSync(join(root, path)).mtimeMs : 0);

function newestSourceMs(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true }).reduce((newest, entry) => {
    const path = join(folder, entry.name);
    return Math.max(newest, entry.isDirectory() ? newestSourceMs(path) : modifiedMs(path));
  }, modifiedMs(folder));
}

function run(title, command, args) {
  process.stderr.write(`${title}…\n`);
  const { status } = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (status !== 0) {
    console.error(`${title} failed (${command} ${args.join(' ')}).`);
    process.exit(status ?? 1);
  }
}

if (modifiedMs('node_modules/.package-lock.json') < modifiedMs('package-lock.json')) {
  run('Installing', 'npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
}

const built = modifiedMs('dist/.tsbuildinfo');
const sources = Math.max(newestSourceMs('src'), modifiedMs('tsconfig.json'), modifiedMs('tsconfig.build.json'));
if (force || built < sources) {
  if (force) rmSync(join(root, 'dist'), { recursive: true, force: true });
  run('Building', process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json']);
  // A link that npm made to it must go on to work.
  chmodSync(join(root, 'dist/cli/main.js'), 0o755);
}
