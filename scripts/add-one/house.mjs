// A copy of the checkout in a folder of its own, with what was touched in it counted by git.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** What a generator writes is nobody's edit. */
const isGenerated = (path) => /\.generated\.ts$|^docs\/reference\/|^docs\/troubleshooting\.md$/.test(path);

export class House {
  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), 'sluice-add-one-'));
    const files = output('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], root).split('\0');
    for (const file of files.filter(Boolean)) {
      mkdirSync(join(this.folder, dirname(file)), { recursive: true });
      // What was deleted and is not committed yet is listed, and is not there.
      cpSync(join(root, file), join(this.folder, file), { force: true, errorOnExist: false });
    }
    symlinkSync(join(root, 'node_modules'), join(this.folder, 'node_modules'), 'junction');
    this.#git('init', '--quiet');
    this.#keep();
  }

  write(path, text) {
    mkdirSync(join(this.folder, dirname(path)), { recursive: true });
    writeFileSync(join(this.folder, path), text);
  }

  /** Puts a text before or after another one that stands in a file once. */
  insert(path, { before, after, text }) {
    const file = join(this.folder, path);
    const place = before ?? after;
    const parts = readFileSync(file, 'utf8').split(place);
    if (parts.length !== 2)
      throw new Error(`${path} holds ${JSON.stringify(place)} ${parts.length - 1} times, not once.`);
    writeFileSync(file, parts.join(before === undefined ? place + text : text + place));
  }

  read(path) {
    return readFileSync(join(this.folder, path), 'utf8');
  }

  /** Runs a script of the house. */
  node(args, env = {}) {
    return output(process.execPath, args, this.folder, env);
  }

  /** The same, while this process goes on. Answers what it printed; fails unless it ends with `code`. */
  async later(args, env = {}, code = 0) {
    const child = spawn(process.execPath, args, { cwd: this.folder, env: { ...process.env, ...env } });
    let printed = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => (printed += part));
    const [status] = await once(child, 'close');
    if (status !== code) throw new Error(`${args.join(' ')} ended with ${status}:\n${printed}`);
    return printed;
  }

  /** What was touched since the last time, without what generators wrote. */
  touched() {
    const changed = output('git', ['status', '--porcelain', '-z', '--untracked-files=all'], this.folder);
    const paths = changed
      .split('\0')
      .filter(Boolean)
      .map((line) => line.slice(3));
    this.#keep();
    return paths.filter((path) => !isGenerated(path)).sort();
  }

  remove() {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #keep() {
    this.#git('add', '--all');
    this.#git('-c', 'user.name=add-one', '-c', 'user.email=add-one@localhost', 'commit', '--quiet', '--message', 'one');
  }

  #git(...args) {
    output('git', ['-c', 'core.hooksPath=/dev/null', '-c', 'commit.gpgsign=false', ...args], this.folder);
  }
}

function output(command, args, cwd, env = {}) {
  const result = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, ...env },
    maxBuffer: 2 ** 26,
  });
  if (result.status !== 0)
    throw new Error(`${command} ${args.join(' ')} ended with ${result.status}:\n${result.stdout}${result.stderr}`);
  return result.stdout;
}
