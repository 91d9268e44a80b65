// Lets Node run the TypeScript of this checkout as it is: `node --import ./scripts/typescript.mjs FILE.ts`.
// For benchmarks and for tests that start real processes; the package itself ships compiled.
// What was compiled once is kept, because the compiler takes longer to load than most programs take to run.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { register } from 'node:module';
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';

const cache = fileURLToPath(new URL('../node_modules/.cache/sluice-typescript/', import.meta.url));

if (isMainThread) register(import.meta.url);

async function compile(source, fileName) {
  const { default: ts } = await import('typescript');
  const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022, inlineSourceMap: true };
  return ts.transpileModule(source, { fileName, compilerOptions }).outputText;
}

/** Node's `load` hook, called in the hooks thread. */
export async function load(url, context, nextLoad) {
  if (!url.endsWith('.ts')) return nextLoad(url, context);
  const text = readFileSync(fileURLToPath(url), 'utf8');
  const kept = `${cache}${createHash('sha256').update(`${url}\n${text}`).digest('hex')}.js`;
  let source;
  try {
    source = readFileSync(kept, 'utf8');
  } catch {
    source = await compile(text, fileURLToPath(url));
    mkdirSync(cache, { recursive: true });
    const partial = `${kept}.${process.pid}`;
    writeFileSync(partial, source);
    renameSync(partial, kept);
  }
  return { format: 'module', source, shortCircuit: true };
}
