import fc from 'fast-check';
import { it } from 'vitest';
import { openDuck } from '../../src/lake/engine/duck.ts';
import type { TableShape } from '../../src/schema/column.ts';
import { innerLists, pathsOf, recordTables, withRawColumn } from '../../src/schema/column.ts';
import { tables } from '../../src/tables/index.generated.ts';
import { anyValue } from '../support/any-value.ts';
import { bothWays } from '../support/both-ways.ts';
import { temporaryFolder } from '../support/lake-pages.ts';

/** Records with the properties that a table reads, some missing. */
function recordOf(table: TableShape): fc.Arbitrary<Record<string, unknown>> {
  const fields: Record<string, fc.Arbitrary<unknown>> = {};
  for (const [name, column] of Object.entries(table.columns)) {
    for (const path of pathsOf(name, column))
      if (!path.startsWith('$') && !path.includes('.')) fields[path] = anyValue(column.type);
  }
  return fc.record(fields, { requiredKeys: [] });
}

const resources = [...new Set(tables.map(({ resource }) => resource))];

it.each(resources)('the SQL and the function of %s make the same rows', { timeout: 120_000 }, async (resource) => {
  const folder = temporaryFolder();
  const shapes = recordTables(tables, resource).map(withRawColumn);
  const duck = await openDuck({ scratchDir: folder, threads: 1 });
  const record = recordOf(shapes[0]!);
  const page = fc.array(
    fc.oneof({ weight: 9, arbitrary: nested(shapes, record) }, { weight: 1, arbitrary: fc.constant(null) }),
    { maxLength: 6 },
  );
  const sameRows = bothWays({ duck, folder, resource, shapes });
  await fc.assert(
    fc.asyncProperty(page, async (value) => void (await sameRows(value))),
    { numRuns: 25, seed: 7 },
  );
  duck.close();
});

function nested(shapes: readonly TableShape[], record: fc.Arbitrary<Record<string, unknown>>) {
  const lists = innerLists(shapes);
  if (lists.length === 0) return record;
  const inner = fc.record(Object.fromEntries(lists.map((list) => [list, fc.array(record, { maxLength: 2 })])), {
    requiredKeys: [],
  });
  return fc.tuple(record, inner).map(([outside, inside]) => ({ ...outside, ...inside }));
}
