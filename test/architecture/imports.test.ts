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
    const imports = readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'(\.{1,2}\/[^']+)'/g);
    return [...imports]
      .map(([, specifier]) => roomOf(normalize(join(dirname(file), specifier!))))
      .filter((target) => target !== room && !allowed.get(room)?.has(target) && !allowed.get(room)?.has('all'))
      .map((target) => `${relative(root, file)} imports ${target}/`);
  });
}

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

  it('would notice a forbidden import', () => {
    const none = new Map([...allowedImports().keys()].map((room) => [room, new Set<string>()]));
    expect(forbidden(none).length).toBeGreaterThan(0);
  });
});
