import { readFileSync } from 'node:fs';

/** The Python lines of a page, as text. */
function blocksOf(name: string): readonly string[] {
  const page = readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');
  return [...page.matchAll(/^```python\n([\s\S]*?)^```$/gm)].map(([, code]) => code!);
}

/** Of docs/lake.md. Tests run what the page says; a reader the page does not name is an error. */
const blocks = blocksOf('lake.md');

export type Reader = 'duckdb' | 'polars' | 'pyarrow' | 'pandas' | 'pyspark';

function blockWith(...parts: readonly string[]): string {
  const found = blocks.filter((code) => parts.every((part) => code.includes(part)));
  if (found.length !== 1)
    throw new Error(`docs/lake.md has ${found.length} lines of Python with ${parts.join(' and ')}`);
  return found[0]!;
}

const FOLDER = 'lake/current/messages';
const ofTable = (code: string, table: string) =>
  code.replaceAll(FOLDER, FOLDER.replace('messages', table)).replaceAll('"messages"', `"${table}"`);

/** Reads a table from its folder in `current/`. The lake is the folder `lake` where Python runs. */
export const fromFolder = (reader: Reader, table: string): string =>
  ofTable(blockWith(`import ${reader}`, FOLDER), table);

/** Reads the messages of all tenants of a lake that holds several: the folder `lakes` where Python runs. */
export const ofTenants = (reader: Reader): string => blockWith('lakes/tenant_id=*', `${reader}.`);

/** Reads a table by the files that the manifest names. */
export const fromManifest = (reader: Reader, table: string): string =>
  `${ofTable(blockWith('manifest.json'), table)}\n${byFiles(reader)}`;

/** Reads certain files. */
export const fromFiles = (reader: Reader, files: readonly string[]): string =>
  `files = ${JSON.stringify(files)}\n${byFiles(reader)}`;

function byFiles(reader: Reader): string {
  return reader === 'pyspark' ? blockWith('from pyspark', '(*files)') : blockWith(`import ${reader}`, '(files');
}

/** A pandas table of what Spark read, whatever instants it has. */
export const lateInstants = (): string => blockWith('rows.collect()');

/** delta-rs makes a Delta table of a copy of a folder, and reads it. */
export const asDelta = (copy: string): string => blockWith('import deltalake').replaceAll('copy/messages', copy);

const DELTA = 'out/delta/messages';
export const deltaReaders = ['polars', 'pyarrow', 'duckdb'] as const;

/** Reads an exported Delta table, as docs/export.md says. @param reader - whoever takes the rows; `pyarrow` of delta-rs */
export function fromDelta(reader: (typeof deltaReaders)[number], table: string): string {
  const found = blocksOf('export.md').filter((code) => code.includes(reader) && code.includes(DELTA));
  if (found.length !== 1) throw new Error(`docs/export.md has ${found.length} lines of Python with ${reader}`);
  return found[0]!.replaceAll(DELTA, `out/delta/${table}`);
}
