import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const src = join(root, 'src');

/** The table of `docs/architecture.md`, section "Who may import whom": `| room | may import |`. */
function allowedImports(): Map<string, Set<string>> {
  const text = readFileSync(join(root, 'docs', 'architecture.md'), 'utf8');
  const rows = text.matchAll(/^\| `([a-z]+)\/` *\| ([^|\n]*)\|/gm);
  return new Map(
    [...rows].map(([, room, list]) => [room!, new Set([...list!.matchAll(/`([a-z]+)`/g)].map(([, name]) => name!))]),
  );
}

/** The table "Inside the lake": `| folder | what is in it | may use |`. */
function allowedInLake(): Map<string, Set<string>> {
  const text = readFileSync(join(root, 'docs', 'architecture.md'), 'utf8');
  const rows = text.matchAll(/^\| `lake\/([a-z]+)\/` *\| [^|\n]* \|([^|\n]*)\|/gm);
  return new Map(
    [...rows].map(([, folder, list]) => [
      folder!,
      new Set([...list!.matchAll(/`([a-z]+)`/g)].map(([, name]) => name!)),
    ]),
  );
}

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sourceFiles(path);
    return entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts') ? [path] : [];
  });
}

const roomOf = (path: string) => relative(src, path).split(/[\\/]/)[0]!;

function forbidden(allowed: Map<string, Set<string>>): string[] {
  return sourceFiles(src).flatMap((file) => {
    const room = roomOf(file);
    return importsOf(file)
      .map(roomOf)
      .filter((target) => target !== room && !allowed.get(room)?.has(target) && !allowed.get(room)?.has('all'))
      .map((target) => `${relative(root, file)} imports ${target}/`);
  });
}

/** Files that reach themselves by their imports, those of types among them; each group once. */
function circles(imports: ReadonlyMap<string, readonly string[]>): string[] {
  const reached = new Map<string, Set<string>>();
  for (const file of imports.keys()) {
    const found = new Set<string>();
    const open = [...imports.get(file)!];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (found.has(next)) continue;
      found.add(next);
      open.push(...(imports.get(next) ?? []));
    }
    reached.set(file, found);
  }
  const groups = [...reached]
    .filter(([file, found]) => found.has(file))
    .map(([file, found]) =>
      [...found]
        .filter((other) => reached.get(other)?.has(file))
        .sort()
        .join(' '),
    );
  return [...new Set(groups)].sort();
}

const importsOf = (file: string) =>
  [...readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'(\.{1,2}\/[^']+)'/g)].map(([, specifier]) =>
    normalize(join(dirname(file), specifier!)),
  );

describe('who may import whom', () => {
  it('names every room of src/ in docs/architecture.md', () => {
    const rooms = readdirSync(src, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
    expect([...allowedImports().keys()].sort()).toEqual(rooms.sort());
  });

  it('holds in every source file', () => {
    expect(forbidden(allowedImports())).toEqual([]);
  });

  it('holds inside the lake, whose folders are all named', () => {
    const lake = join(src, 'lake');
    const ground = ['errors.ts', 'store-errors.ts', 'types.ts', 'in-turn.ts'];
    const allowed = allowedInLake();
    const folders = readdirSync(lake, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect([...allowed.keys()].sort()).toEqual(folders.map(({ name }) => name).sort());
    const found = sourceFiles(lake)
      .filter((file) => !['lake.ts', 'index.ts'].includes(relative(lake, file)))
      .flatMap((file) => {
        const from = relative(lake, file).split(/[\\/]/)[0]!;
        return importsOf(file)
          .filter((target) => roomOf(target) === 'lake')
          .map((target) => relative(lake, target).split(/[\\/]/)[0]!)
          .filter((to) => to !== from && !allowed.get(from)?.has(to) && (ground.includes(from) || !ground.includes(to)))
          .map((to) => `${relative(root, file)} uses lake/${to}`);
      });
    expect(found).toEqual([]);
  });

  it('has no circle, not even one of types', () => {
    const files = sourceFiles(src);
    expect(files.length).toBeGreaterThan(100);
    expect(circles(new Map(files.map((file) => [file, importsOf(file)])))).toEqual([]);
  });

  it('would notice a circle', () => {
    const imports = { a: ['b'], b: ['c'], c: ['b'], d: ['d'] };
    expect(circles(new Map(Object.entries(imports)))).toEqual(['b c', 'd']);
  });

  it('would notice a forbidden import', () => {
    const none = new Map([...allowedImports().keys()].map((room) => [room, new Set<string>()]));
    expect(forbidden(none).length).toBeGreaterThan(0);
  });
});
