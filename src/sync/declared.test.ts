import { describe, expect, it } from 'vitest';
import type { TableShape } from '../schema/column.ts';
import { explodedColumns } from '../schema/column.ts';
import { tables } from '../tables/index.generated.ts';
import { adopted, declare, declaredFact, declaredOf, isDeclared, missingOf } from './declared.ts';

const RESOURCE = 'channel_messages';
const incremental = tables.filter(({ resource }) => resource === RESOURCE);
const records = incremental.filter(({ explode }) => explode === undefined);
const columns = records.flatMap((table) => Object.keys(table.columns).map((column) => [table.name, column] as const));

const changed = (name: string, change: (table: TableShape) => TableShape) =>
  tables.map((table) => (table.name === name ? change(table) : table));
const missing = (before: readonly TableShape[]) => missingOf(declare(before), tables, RESOURCE);

describe('what was declared when rows were made', () => {
  it('misses nothing when it is the same, also after JSON', () => {
    expect(missing(tables)).toEqual({ tables: [], columns: [] });
    const facts = JSON.parse(JSON.stringify(declaredFact(tables)));
    expect(isDeclared(facts, tables)).toBe(true);
    expect(declaredOf(facts)).toEqual(declare(tables));
  });

  it.each(columns)('misses %s.%s when it was not there, was of another type, or stood elsewhere', (name, column) => {
    const expected = { tables: [], columns: [`${name}.${column}`] };
    const without = changed(name, (table) => {
      const { [column]: _, ...others } = table.columns;
      return { ...table, columns: others };
    });
    expect(missing(without)).toEqual(expected);
    for (const other of [{ type: 'double' as const }, { from: 'elsewhere' }]) {
      const before = changed(name, (table) => ({
        ...table,
        columns: { ...table.columns, [column]: { ...table.columns[column]!, ...other } },
      }));
      expect(missing(before)).toEqual(expected);
    }
  });

  it.each(records.map(({ name }) => name))('misses %s when it was not there, or was made of other records', (name) => {
    const expected = { tables: [name], columns: [] };
    expect(missing(tables.filter((table) => table.name !== name))).toMatchObject(expected);
    for (const other of [{ records: ['elsewhere'] }, { primaryKey: ['id'] }]) {
      expect(missing(changed(name, (table) => ({ ...table, ...other })))).toMatchObject(expected);
    }
  });

  it.each(
    incremental.flatMap((table) =>
      table.explode === undefined ? [] : [[table.name, explodedColumns(table)[0]!] as const],
    ),
  )('misses %s only when its list %s was not there', (name, list) => {
    const before = tables.filter((table) => table.name !== name);
    expect(missing(before)).toEqual({ tables: [], columns: [] });
    const without = before.map((table) => {
      const { [list]: _, ...others } = table.columns;
      return { ...table, columns: others };
    });
    expect(missing(without).tables).toEqual([name]);
  });

  it('is what the files hold, where a lake does not say it', () => {
    const held = new Map([['messages', new Set(['id', 'subject'])]]);
    const before = adopted(tables, held);
    expect(Object.keys(before)).toEqual(['messages']);
    expect(Object.keys(before['messages']!.columns)).toEqual(['id', 'subject']);
    expect(missingOf(before, tables, RESOURCE).tables).toContain('message_replies');
  });

  it.each([{}, { tables: 1 }, { tables: { messages: 1 } }])('is not said by %j', (facts) => {
    expect(declaredOf(facts)).toBeUndefined();
  });
});
