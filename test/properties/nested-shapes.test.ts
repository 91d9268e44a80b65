import fc from 'fast-check';
import { expect, it } from 'vitest';
import { openDuck } from '../../src/lake/engine/duck.ts';
import type { Column, ColumnType, TableShape } from '../../src/schema/column.ts';
import { pathsOf, recordSteps } from '../../src/schema/column.ts';
import { checkedTables } from '../../src/schema/declaration.ts';
import { elementCountSql, explosion } from '../../src/schema/explosion.ts';
import { textShape } from '../../src/schema/json-shape.ts';
import { castSql } from '../../src/schema/projection.ts';
import { identifier, literal } from '../../src/schema/sql.ts';
import { anyValue, text } from '../support/any-value.ts';
import { bothWays } from '../support/both-ways.ts';
import { temporaryFolder } from '../support/lake-pages.ts';

const scalar = fc.constantFrom<ColumnType>('string', 'id', 'boolean', 'int32', 'int64', 'double', 'timestamp', 'json');
const name = fc.constantFrom('a', 'b', 'Été', 'a b', 'key', 'select', 'it"s');
const type: fc.Arbitrary<ColumnType> = fc.letrec<{ type: ColumnType }>((tie) => ({
  type: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    scalar,
    tie('type').map((list) => ({ list })),
    fc.dictionary(name, tie('type'), { minKeys: 1, maxKeys: 3 }).map((struct) => ({ struct })),
  ),
})).type;

const PLACES = [
  'value',
  'value.parts',
  'value.parts.parts',
  'value.parts.legs.Médias',
  'value.notes',
  'value.notes.a b',
];

/** Several tables of one resource, whose records stand at some of the places, with columns of any type. */
const shapes: fc.Arbitrary<readonly TableShape[]> = fc
  .array(
    fc.record({
      records: fc.subarray(PLACES, { minLength: 1 }),
      raw: fc.boolean(),
      columns: fc.array(fc.tuple(type, fc.nat(3), fc.constantFrom('', 'in.', 'in.deep.')), {
        minLength: 1,
        maxLength: 4,
      }),
      where: fc.option(fc.constantFrom<'null' | 'not_null'>('null', 'not_null'), { nil: undefined }),
    }),
    { minLength: 1, maxLength: 3 },
  )
  .map((tables) =>
    tables.map(({ records, raw, columns, where }, at) => {
      const deepest = Math.max(...records.map((path) => path.split('.').length - 1));
      const named = columns.map(([type, out, prefix], n): [string, Column] => {
        const path = `${prefix}f${at}_${n}`;
        const around = Array.from({ length: Math.min(out, deepest) }, () => '$parent.').join('');
        return [`c${n}`, { type, from: around === '' ? path : [`${around}${path}`, path], description: '' }];
      });
      const table: TableShape = {
        ...{ name: `t${at}`, description: '', resource: 'nested', ingestionType: 'cdc', primaryKey: ['id'], records },
        ...(where && { where: { path: `flag${at}`, is: where } }),
        columns: {
          id: { type: 'string', from: ['id', '$context.team_id'], description: '' },
          ...(raw && { _raw: { type: 'json', from: '$raw', description: '' } }),
          ...Object.fromEntries(named),
        },
      };
      return table;
    }),
  );

/** A record with what the tables read at a place, and what stands inside of it; anything of that may be missing or wrong. */
function recordAt(tables: readonly TableShape[], place: string): fc.Arbitrary<unknown> {
  const root: { [key: string]: Node } = {};
  for (const table of tables) {
    for (const [column, declared] of Object.entries(table.columns)) {
      for (const path of pathsOf(column, declared).map((one) => one.replace(/^(\$parent\.)+/, '')))
        if (!path.startsWith('$')) put(root, path.split('.'), declared.type);
    }
    if (table.where) put(root, [table.where.path as string], 'string');
  }
  const inside = [...new Set(tables.flatMap(recordSteps).map((steps) => ['value', ...steps]))]
    .filter((steps) => steps.join('.').startsWith(`${place}.`))
    .map((steps) => steps[place.split('.').length]!);
  const lists = [...new Set(inside)].map((list) => {
    const elements = fc.array(fc.oneof({ weight: 8, arbitrary: recordAt(tables, `${place}.${list}`) }, text), {
      maxLength: 2,
    });
    return [
      list,
      fc.oneof({ weight: 9, arbitrary: elements }, { weight: 1, arbitrary: fc.oneof(text, fc.constant({})) }),
    ] as const;
  });
  return fc
    .tuple(partOf(root), fc.record(Object.fromEntries(lists), { requiredKeys: [] }))
    .map(([own, nested]) => ({ ...own, ...nested }));
}

type Node = ColumnType | { readonly inside: { [key: string]: Node } };

function put(root: { [key: string]: Node }, steps: readonly string[], type: ColumnType): void {
  let node = root;
  for (const step of steps.slice(0, -1)) {
    const next = node[step];
    const inside = typeof next === 'object' && 'inside' in next ? next.inside : {};
    node[step] = { inside };
    node = inside;
  }
  node[steps.at(-1)!] = type;
}

function partOf(node: { readonly [key: string]: Node }): fc.Arbitrary<Record<string, unknown>> {
  const fields = Object.entries(node).map(([field, one]) => [
    field,
    typeof one === 'object' && 'inside' in one ? partOf(one.inside) : anyValue(one),
  ]);
  return fc.record(Object.fromEntries(fields) as Record<string, fc.Arbitrary<unknown>>, { requiredKeys: [] });
}

it('of any tables and records inside of records the SQL and the function make the same rows', {
  timeout: 240_000,
}, async () => {
  const folder = temporaryFolder();
  const duck = await openDuck({ scratchDir: folder, threads: 1 });
  let rows = 0;
  let run = 0;
  const tablesAndPage = shapes.chain((tables) =>
    fc.tuple(fc.constant(tables), fc.array(recordAt(tables, 'value'), { maxLength: 3 })),
  );
  await fc.assert(
    fc.asyncProperty(tablesAndPage, async ([tables, page]) => {
      checkedTables(tables);
      run += 1;
      rows += await bothWays({ duck, folder: `${folder}/${run}`, resource: 'nested', shapes: tables })(page);
    }),
    { numRuns: 60, seed: 11 },
  );
  duck.close();
  expect(rows).toBeGreaterThan(100);
});

/** An element of a list inside of lists: what tells it, and the list inside. */
interface Element {
  readonly k: string | null;
  readonly inner?: readonly (Element | null)[] | null;
}

const elementType = (depth: number): ColumnType => ({
  struct: { k: 'string', ...(depth > 1 && { inner: { list: elementType(depth - 1) } }) },
});

const elements = (depth: number): fc.Arbitrary<readonly (Element | null)[] | null> =>
  fc.option(
    fc.array(
      fc.option(
        fc.record({
          k: fc.option(fc.constantFrom('x', 'y', '#1'), { freq: 4 }),
          ...(depth > 1 && { inner: elements(depth - 1) }),
        }),
        { freq: 8 },
      ),
      { maxLength: 3 },
    ),
    { freq: 8 },
  );

/** The rows of an exploded table as somebody who reads its declaration would write them down. */
function exploded(id: string, list: readonly (Element | null)[] | null, depth: number) {
  const keys = new Map<string, number>();
  const found: Record<string, unknown>[] = [];
  const visit = (
    inside: readonly (Element | null)[] | null | undefined,
    around: readonly (readonly [string | null, number])[],
  ) => {
    inside?.forEach((element, at) => {
      const here = [...around, [element?.k ?? null, at + 1] as const];
      if (here.length < depth) {
        visit(element?.inner, here);
        return;
      }
      const names = here.map(([k, place]) => k ?? `#${place}`);
      const key = JSON.stringify(names);
      const nth = (keys.get(key) ?? 0) + 1;
      keys.set(key, nth);
      const row = { id, ...Object.fromEntries(names.map((one, level) => [`k${level}`, one])) };
      found.push({ ...row, place: here.at(-1)![1], nth: nth === 1 ? '' : `#${nth}` });
    });
  };
  visit(list, []);
  return found;
}

it.each([1, 2, 3, 4])(
  'lists inside of lists, %d deep, are exploded whole, each element with a key of its own',
  async (depth) => {
    const source: TableShape = {
      ...{ name: 'calls', description: '', resource: 'calls', ingestionType: 'cdc', primaryKey: ['id'] },
      columns: {
        id: { type: 'string', description: '' },
        list: { type: { list: elementType(depth) }, description: '' },
      },
    };
    const levels = Array.from({ length: depth }, (_, level) => {
      const out = '$outer.'.repeat(depth - 1 - level);
      const from = [out === '' ? '$element.k' : `${out}k`, `${out}$ordinal`];
      return [`k${level}`, { type: 'string', from, description: '' } satisfies Column] as const;
    });
    const table: TableShape = {
      ...{ name: 'parts', description: '', resource: 'calls', ingestionType: 'cdc' },
      primaryKey: ['id', ...levels.map(([level]) => level), 'nth'],
      explode: depth === 1 ? 'list' : ['list', ...Array.from({ length: depth - 1 }, () => 'inner')],
      columns: {
        id: { type: 'string', description: '' },
        ...Object.fromEntries(levels),
        place: { type: 'int64', from: '$ordinal', description: '' },
        nth: { type: 'string', from: '$occurrence', description: '' },
      },
    };
    checkedTables([source, table]);
    const folder = temporaryFolder();
    const duck = await openDuck({ scratchDir: folder, threads: 1 });
    let seen = 0;
    const records = fc.array(elements(depth), { maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(records, async (lists) => {
        const listType = source.columns['list']!.type;
        const json = lists.map((list, at) => ({ id: String(at), list }));
        const texts = `from_json(${literal(JSON.stringify(json))}, ${literal(JSON.stringify([{ id: 'VARCHAR', list: textShape(listType) }]))})`;
        const rows = `SELECT x.id AS id, ${castSql('x.list', listType)} AS list, 'upsert' AS _op, NULL::TIMESTAMPTZ AS _version, 1::BIGINT AS _commit, x.id::BIGINT AS _row
        FROM (SELECT unnest(${texts}) AS x)`;
        const sql = explosion({ table, source, rows, list: 'list' });
        const columns = Object.keys(table.columns);
        const found = await duck.rows(`SELECT ${columns.map(identifier).join(', ')} FROM (${sql})`);
        const expected = json.flatMap(({ id, list }) => exploded(id, list, depth));
        const plain = (row: Record<string, unknown>) => JSON.stringify(columns.map((column) => String(row[column])));
        expect(found.map(plain).sort()).toEqual(expected.map(plain).sort());
        const keys = found.map((row) => JSON.stringify(table.primaryKey.map((column) => row[column])));
        expect(new Set(keys).size).toBe(keys.length);
        const [count] = await duck.rows(
          `SELECT coalesce(sum(${elementCountSql(table, 'list')}), 0)::INTEGER AS n FROM (${rows})`,
        );
        expect(count!['n']).toBe(expected.length);
        seen += expected.length;
      }),
      { numRuns: 40, seed: 5 },
    );
    duck.close();
    expect(seen).toBeGreaterThan(30);
  },
);
