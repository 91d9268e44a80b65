import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const dist = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'dist');

/** The rows of every `errors.js` and `…-errors.js` of the program: what the errors themselves are made of. */
export async function errorRows() {
  const files = readdirSync(dist, { recursive: true })
    .filter((file) => /(^|[\\/-])errors\.js$/.test(file))
    .sort();
  const rooms = await Promise.all(files.map((file) => import(join(dist, file))));
  return rooms.flatMap((room) => Object.values(room).flatMap(rowsOf));
}

/** A table of errors holds rows that describe themselves. */
const rowsOf = (table) =>
  Object.values(table).flatMap((row) => (typeof row?.describe === 'function' ? [row.describe()] : []));
