import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { sparkOptions } from '../../src/config/spark-options.ts';
import { tables } from '../../src/tables/index.generated.ts';

const folder = fileURLToPath(new URL('../../spark/examples/', import.meta.url));
const pipelines = readdirSync(folder).filter((file) => file.endsWith('.yaml'));

interface Pipeline {
  readonly connection_name: string;
  readonly objects: readonly {
    readonly table: { readonly source_table: string; readonly table_configuration?: Readonly<Record<string, string>> };
  }[];
}

const read = (file: string) => parse(readFileSync(join(folder, file), 'utf8'), { uniqueKeys: true }) as Pipeline;

describe('the pipelines of spark/examples', () => {
  it.each(pipelines)(
    '%s holds what the host project reads, names tables and options that there are, and no secret',
    (file) => {
      const { connection_name: connection, objects, ...rest } = read(file);
      expect(rest).toEqual({});
      expect(connection).toBe('microsoft_teams');
      const names = objects.map(({ table }) => table.source_table);
      // The same table twice is not supported: the second configuration is lost.
      expect(new Set(names).size).toBe(names.length);
      for (const { table } of objects) {
        expect(tables.map(({ name }) => name)).toContain(table.source_table);
        expect(
          Object.keys(table).filter((key) => !/^(source_table|destination_\w+|table_configuration)$/.test(key)),
        ).toEqual([]);
        for (const [name, value] of Object.entries(table.table_configuration ?? {})) {
          expect(sparkOptions[name]?.kind, name).toMatch(/^(reader|table|pipeline)$/);
          expect(typeof value, name).toBe('string');
        }
      }
    },
  );

  it('cover every table', () => {
    const named = pipelines.flatMap((file) => read(file).objects.map(({ table }) => table.source_table));
    expect(tables.map(({ name }) => name).filter((name) => !named.includes(name))).toEqual([]);
  });
});

it('the script of the connection allows every option of a table and those of the host project, and prints no secret', () => {
  const env = {
    PATH: process.env['PATH'],
    TEAMS_TENANT_ID: 't',
    TEAMS_CLIENT_ID: 'c',
    TEAMS_CLIENT_SECRET: 'a-secret',
    LAKE_URL: 's3://b/l',
  };
  const printed = execFileSync('sh', [join(folder, 'uc_connection_example.sh'), '--dry-run'], {
    env,
    encoding: 'utf8',
  });
  expect(printed).not.toContain('a-secret');
  const { options } = JSON.parse(printed) as { options: Readonly<Record<string, string>> };
  const wanted = Object.entries(sparkOptions).filter(([, { kind }]) => kind !== 'connection');
  expect(options['externalOptionsAllowList']!.split(',').sort()).toEqual(
    [...wanted.map(([name]) => name), 'tableName', 'tableNameList', 'tableConfigs', 'isDeleteFlow'].sort(),
  );
});
