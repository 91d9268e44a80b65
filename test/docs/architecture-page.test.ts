import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const root = new URL('../../', import.meta.url);
const page = readFileSync(new URL('docs/architecture.md', root), 'utf8');

/** Rooms that everybody uses: the picture leaves them out. */
const EVERYWHERE = ['errors', 'runtime', 'telemetry'];

/** Rows of the import table: a room and what it may import. */
const allowed = new Map(
  [...page.matchAll(/^\| `(\w+)\/` \| (.+) \|$/gm)].map(([, room, rooms]) => [
    room!,
    [...rooms!.matchAll(/`(\w+)`/g)].map(([, name]) => name!),
  ]),
);

const picture = /```mermaid\n([\s\S]*?)```/.exec(page)![1]!;

/** What a node of the picture stands for: `cards["cards/, html/"]` are two rooms. */
const nodes = new Map(
  [...picture.matchAll(/(\w+)\["([^"]+)"\]/g)].map(([, id, label]) => [
    id!,
    [...label!.matchAll(/(\w+)\/(?:\w+\/)*/g)].map(([, room]) => room!),
  ]),
);

describe('the page of the architecture', () => {
  it('names only files and folders that exist', () => {
    const named = [...page.matchAll(/`((?:src|test|scripts|docs)\/[\w./-]+)`/g)].map(([, path]) => path!);
    expect(named.length).toBeGreaterThan(50);
    expect(named.filter((path) => !existsSync(new URL(path, root)))).toEqual([]);
  });

  it('shows every room in its picture', () => {
    const rooms = readdirSync(new URL('src/', root), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const missing = rooms.map(({ name }) => name).filter((name) => ![...nodes.values()].flat().includes(name));
    expect(missing.sort()).toEqual(EVERYWHERE);
  });

  it('draws an arrow only where the import is allowed', () => {
    const forbidden: string[] = [];
    for (const line of picture.split('\n').filter((text) => text.includes('-->'))) {
      const ids = line.split('-->').map((part) => /^\s*(\w+)/.exec(part)![1]!);
      for (const [at, to] of ids.slice(1).entries()) {
        for (const user of nodes.get(ids[at]!)!) {
          const may = allowed.get(user)!;
          for (const used of nodes.get(to)!) {
            if (!may.includes('all') && !may.includes(used)) forbidden.push(`${user} --> ${used}`);
          }
        }
      }
    }
    const arrowless = [...nodes.keys()].filter(
      (id) => !new RegExp(`\\b${id}\\b[^\\n]*-->|-->[^\\n]*\\b${id}\\b`).test(picture),
    );
    expect({ forbidden, arrowless }).toEqual({ forbidden: [], arrowless: [] });
  });

  it('walks both flows by name, each file once', () => {
    const steps = [...page.matchAll(/^\| [^|`]+ \| `(src\/[\w./-]+\.ts)`[^|]*\|$/gm)].map(([, path]) => path!);
    expect(steps.length).toBeGreaterThan(30);
    expect(steps).toEqual([...new Set(steps)]);
  });
});
