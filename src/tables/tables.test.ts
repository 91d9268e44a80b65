import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { partitionColumns, pathsOf, sourcesOf } from '../schema/column.ts';
import { tables } from './index.generated.ts';

it('has an up-to-date index of the declarations', () => {
  const script = fileURLToPath(new URL('../../scripts/tables-index.mjs', import.meta.url));
  const { status, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

it.each(tables)('$name: keys, cursor and delete mark are columns of it', (table) => {
  const special = [table.cursor, table.cursorElse, table.deletedWhen].filter((name) => name !== undefined);
  expect(Object.keys(table.columns)).toEqual(expect.arrayContaining([...table.primaryKey, ...special]));
});

it.each(tables.filter(({ explode }) => explode !== undefined))(
  '$name: every value has a source in its record tables',
  (table) => {
    const sources = sourcesOf(table, tables);
    expect(sources).not.toEqual([]);
    for (const source of sources) {
      for (const [name, column] of Object.entries(table.columns)) {
        const found = pathsOf(name, column).filter((path) => path.startsWith('$') || path in source.columns);
        expect(found.length, `${table.name}.${name} of ${source.name}`).toBeGreaterThan(0);
      }
    }
  },
);

it('says by which columns a listing is complete', () => {
  const partitions = tables
    .filter(({ ingestionType, explode }) => ingestionType === 'snapshot' && explode === undefined)
    .map((table) => [table.name, partitionColumns(table)]);
  expect(Object.fromEntries(partitions)).toMatchObject({
    teams: ['id'],
    users: [],
    channels: ['team_id'],
    members: ['team_id'],
    channel_members: ['team_id', 'channel_id'],
    chats: [],
    chat_members: ['chat_id'],
  });
});
