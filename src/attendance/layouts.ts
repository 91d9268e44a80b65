import { originalTables } from './original-tables.ts';

/** Where the documents of one account and window lie, in the store that they go to. */
export interface DocumentPaths {
  readonly eventsOnly: string;
  readonly final: string;
  /** By the name of the original table; none: this layout has no tables. */
  readonly tables: Readonly<Record<string, string>>;
}

/** What a path is made of. */
export interface PathParts {
  /** Of the account, as it stands. */
  readonly name: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** A part of a path that sorts by time and has no colon: `20260106T020500Z`. */
const stamp = (ms: number): string =>
  new Date(ms)
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replace(/[-:]/g, '');

/** A file for each account and window: the same window has the same name, and no other window has it. */
export function pathsOfRun({ name, fromMs, toMs }: PathParts): DocumentPaths {
  const file = `${name}/${stamp(fromMs)}_${stamp(toMs)}.json`;
  return { eventsOnly: `json/events-only/${file}`, final: `json/final-with-attendance/${file}`, tables: {} };
}

/**
 * The folders and names of the original job, by the UTC day of the window's end. It cut a name at its last `_` to find the
 * folder of a table: here the folder is the table's, whatever the account is called.
 */
export function pathsOfOriginal({ name, toMs }: PathParts): DocumentPaths {
  const day = new Date(toMs).toISOString().slice(0, 10).replaceAll('-', '/');
  return {
    eventsOnly: `msteams/json/events-only/${day}/events_${name}.json`,
    final: `msteams/json/final-with-attendance/${day}/event_attendance_details_${name}.json`,
    tables: Object.fromEntries(
      originalTables.map((table) => [table.name, `msteams/parquet/${table.name}/${day}/${table.name}_${name}.parquet`]),
    ),
  };
}
