// Reads the Dockerfile and .dockerignore of a folder: what is not understood is refused, so that nothing is left out.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const refuse = (line) => {
  throw new Error(`Dockerfile: not understood: ${line}`);
};

const valuesOf = (text) => Object.fromEntries(text.split(/\s+/).map((pair) => pair.split('=')));

function copyOf(rest) {
  const parts = rest.split(/\s+/);
  const from = parts[0].startsWith('--from=') ? parts.shift().slice('--from='.length) : undefined;
  if (parts.some((part) => part.startsWith('--'))) refuse(`COPY ${rest}`);
  return { kind: 'copy', from, sources: parts.slice(0, -1), target: parts.at(-1) };
}

/** @returns the stages in order, the base of each, and whether a path of the folder is kept out of the image */
export function readDockerfile(folder) {
  const lines = readFileSync(join(folder, 'Dockerfile'), 'utf8')
    .replace(/\\\n\s*/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'));
  const args = {};
  const stages = [];
  for (const line of lines) {
    const [, word, rest] = /^([A-Z]+) (.+)$/.exec(line) ?? refuse(line);
    const stage = stages.at(-1);
    if (word === 'ARG') Object.assign(args, valuesOf(rest));
    else if (word === 'FROM') {
      const [, image, name] = /^(\S+) AS (\S+)$/.exec(rest) ?? refuse(line);
      const base = image.replace(/\$\{(\w+)\}/g, (_, arg) => args[arg] ?? refuse(line));
      stages.push({ name, base, steps: [] });
    } else if (word === 'WORKDIR') stage.steps.push({ kind: 'workdir', path: rest });
    else if (word === 'ENV') stage.steps.push({ kind: 'env', values: valuesOf(rest) });
    else if (word === 'COPY') stage.steps.push(copyOf(rest));
    else if (word === 'RUN') stage.steps.push({ kind: 'run', command: rest });
    else if (word === 'USER') stage.user = rest;
    else if (word === 'STOPSIGNAL') stage.stopSignal = rest;
    else if (word === 'ENTRYPOINT') stage.entrypoint = JSON.parse(rest);
    else if (word === 'CMD') stage.cmd = JSON.parse(rest);
    else refuse(line);
  }
  return { stages, ignore: readIgnore(folder) };
}

/** `*` and then what is let in again: a later line beats an earlier one. */
function readIgnore(folder) {
  const rules = readFileSync(join(folder, '.dockerignore'), 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => {
      const isLetIn = line.startsWith('!');
      const glob = isLetIn ? line.slice(1) : line;
      const pattern = glob
        .replace(/[.+^${}()|[\]]/g, '\\$&')
        .replace(/\*\*\//g, '\0')
        .replace(/\*/g, '[^/]*')
        .replaceAll('\0', '(?:.*/)?');
      return { isLetIn, matches: new RegExp(`^${pattern}(?:/.*)?$`) };
    });
  return (path) => rules.reduce((ignored, { isLetIn, matches }) => (matches.test(path) ? !isLetIn : ignored), false);
}
