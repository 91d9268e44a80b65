import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { commands } from '../../src/cli/commands.ts';

const cli = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'src', 'cli');

/** What a file's own imports load at once; types and `import()` are not among it. */
function importsOf(file: string): string[] {
  const statements = readFileSync(file, 'utf8').matchAll(
    /^(?:import|export)\s+(?!type\b)(?:[^;']*?from\s+)?'([^']+)'/gm,
  );
  return [...statements].map(([, specifier]) => specifier!);
}

/** The libraries that are loaded with a file. */
function librariesOf(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return new Set();
  seen.add(file);
  const libraries = importsOf(file).flatMap((specifier) => {
    if (specifier.startsWith('.')) return [...librariesOf(resolve(dirname(file), specifier), seen)];
    return specifier.startsWith('node:') ? [] : [specifier];
  });
  return new Set(libraries);
}

it.each(['main.ts', 'commands/tables.ts', 'commands/stdio.ts'])(
  '%s loads no library but the one for command lines',
  (file) => {
    expect([...librariesOf(join(cli, file))]).toEqual(['commander']);
  },
);

/** What takes a tenth of a second to load, or opens what is native. */
const HEAVY = [
  '@azure/msal-node',
  '@duckdb/node-api',
  '@hono/node-server',
  '@opentelemetry/exporter-prometheus',
  '@opentelemetry/sdk-metrics',
  '@opentelemetry/sdk-trace-base',
  'adaptive-expressions',
  'adaptivecards-templating',
  'hono',
  'kysely',
  'libsql',
  'markdown-it',
  'node-forge',
  'pg',
  'undici',
];
const GRAPH = ['@azure/msal-node', 'undici'];
const LAKE = ['@duckdb/node-api'];
const OUTBOX = ['kysely', 'libsql', 'markdown-it', 'pg', 'undici'];
const SERVER = ['@hono/node-server', 'hono'];

/** The heavy libraries that each command works with. */
const worksWith: Readonly<Record<string, readonly string[]>> = {
  check: GRAPH,
  ids: GRAPH,
  tables: [],
  run: [...GRAPH, ...LAKE],
  attendance: [...GRAPH, ...LAKE],
  plan: [...GRAPH, ...LAKE],
  sync: [...GRAPH, ...LAKE],
  query: LAKE,
  status: LAKE,
  history: LAKE,
  refresh: [...GRAPH, ...LAKE],
  state: LAKE,
  reset: LAKE,
  compact: LAKE,
  export: LAKE,
  fsck: LAKE,
  send: OUTBOX,
  card: ['markdown-it'],
  route: ['markdown-it'],
  serve: [...OUTBOX, ...SERVER, '@opentelemetry/exporter-prometheus', '@opentelemetry/sdk-metrics'],
  outbox: OUTBOX,
  bot: ['kysely', 'libsql', 'pg', 'undici'],
  stdio: [],
  simulate: [...SERVER, 'markdown-it'],
  demo: [...GRAPH, ...LAKE, ...SERVER],
};

it.each(Object.keys(commands))('%s loads no heavy library but those that it works with', (command) => {
  const libraries = librariesOf(join(cli, 'commands', `${command}.ts`));
  const others = HEAVY.filter((library) => libraries.has(library) && !worksWith[command]?.includes(library));
  expect(others).toEqual([]);
});

it('sees a library through the files between', () => {
  expect([...librariesOf(join(cli, 'commands', 'query.ts'))]).toContain('@duckdb/node-api');
});
