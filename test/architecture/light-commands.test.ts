import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

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

it.each(['main.ts', 'commands/tables.ts'])('%s loads no library but the one for command lines', (file) => {
  expect([...librariesOf(join(cli, file))]).toEqual(['commander']);
});

it.each([
  ['query', 'undici', '@azure/msal-node', 'libsql', 'pg', 'hono', 'pino', '@opentelemetry/sdk-metrics'],
  ['send', '@duckdb/node-api', '@azure/msal-node', 'hono', 'adaptivecards-templating'],
  ['check', '@duckdb/node-api', 'libsql', 'pg', 'hono', 'markdown-it'],
  ['card', '@duckdb/node-api', '@azure/msal-node', 'libsql', 'pg', 'hono', 'undici'],
])('%s loads nothing that it does not work with', (command, ...others) => {
  const libraries = librariesOf(join(cli, 'commands', `${command}.ts`));
  expect(others.filter((library) => libraries.has(library))).toEqual([]);
});

it('sees a library through the files between', () => {
  expect([...librariesOf(join(cli, 'commands', 'query.ts'))]).toContain('@duckdb/node-api');
});
