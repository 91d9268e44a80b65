import type { SluiceError } from '../../errors/sluice-error.ts';
import type { Version } from '../types.ts';
import type { ExportedRows } from './work.ts';

/** What an export did to a table, or why it could not. */
export type TableReport = ExportedTable | NotExported;

export interface ExportedTable extends ExportedRows {
  readonly table: string;
  readonly filesWritten: number;
  /** Delta: changes that were appended to `<table>_changes`. */
  readonly operations?: number | undefined;
  /** Delta: commits of other writers since the last export. */
  readonly commitsOfOthers?: number | undefined;
}

export interface NotExported {
  readonly table: string;
  readonly error: SluiceError;
}

/** What an export did. */
export interface ExportReport {
  readonly format: string;
  /** Where, for messages. */
  readonly place: string;
  /** The version of the lake that the tables are of. */
  readonly version: Version;
  readonly tables: readonly ExportedTable[];
  readonly notExported: readonly NotExported[];
  /** Tables of the folder that this export was not asked for: they are as they were. */
  readonly leftAsTheyWere: readonly string[];
}
