// Fails when prose names what does not exist: a path of the project, an npm script, a command or option of sluice, a link.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createProgram } from '../dist/cli/program.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const pages = execFileSync('git', ['ls-files', '--', '*.md'], { cwd: root, encoding: 'utf8' }).trim().split('\n');
const io = { out: () => {}, err: () => {}, live: false, columns: 100, env: {}, signal: new AbortController().signal };
const program = await createProgram(io, () => {});
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const faults = [];

for (const page of pages) {
  const text = readFileSync(join(root, page), 'utf8');
  const fault = (what) => faults.push(`${page}: ${what}`);
  for (const [, target] of text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)(?:#[^)]*)?\)/g)) {
    if (!existsSync(join(root, dirname(page), target))) fault(`link to ${target}, which does not exist`);
  }
  for (const [, path] of text.matchAll(/`((?:src|test|docs|scripts|bench|examples)\/[\w./-]+)`/g)) {
    if (!existsSync(join(root, path))) fault(`path ${path} does not exist`);
  }
  for (const [, name] of text.matchAll(/\bnpm run ([a-z][\w:-]*)/g)) {
    if (!(name in scripts)) fault(`npm run ${name} is not a script`);
  }
  for (const [, rest] of text.matchAll(/^(?:\$ |npx )?sluice ((?:[^\n\\]|\\\n)+)/gm)) checkCommand(rest, fault);
}

/** Every word after `sluice` up to the first option must be a command; every option must be one of its options. */
function checkCommand(line, fault) {
  let command = program;
  for (const word of line
    .replace(/\s#.*$/, '')
    .replace(/"[^"]*"|'[^']*'/g, 'TEXT')
    .split(/\s+/)
    .filter(Boolean)) {
    if (/^[|&;>]/.test(word)) return;
    if (word.startsWith('--')) {
      const name = word.split('=')[0];
      const known = [...command.options.map((option) => option.long), '--help', '--version'];
      if (!known.includes(name)) fault(`sluice ${command.name()} has no option ${name}`);
    } else {
      const sub = command.commands.find((candidate) => candidate.name() === word);
      if (sub) command = sub;
      else if (command === program) return fault(`sluice has no command ${word}`);
    }
  }
}

if (faults.length > 0) {
  console.error(faults.join('\n'));
  process.exit(1);
}
console.log(`${pages.length} pages checked.`);
