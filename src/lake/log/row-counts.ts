import { sourcesOf, type TableShape } from '../../schema/column.ts';
import type { ObjectStore } from '../stores/object-store.ts';
import type { Version } from '../types.ts';
import type { LakeState, LiveFile } from './commit-record.ts';
import { parseCommit } from './commit-record.ts';
import { commitKey, coveredVersion } from './log.ts';

/** What the log says of a table. */
export interface TableStanding {
  readonly table: string;
  /** Rows that stand; undefined: changes came that no base file holds yet, only a query tells. */
  readonly rows: number | undefined;
  /** The last commit that changed a row. */
  readonly changedIn: Version | undefined;
}

/** Looks at no file. */
export function tableStandings(state: LakeState, tables: readonly TableShape[]): readonly TableStanding[] {
  return tables.map((table) => {
    const sources = table.explode === undefined ? [table] : sourcesOf(table, tables);
    const changes = sources.flatMap((source) => filesOf(state, source.name, 'changes'));
    const isPublished = sources.every(({ name }) => {
      const asOf = state.published.get(name) ?? 0;
      return filesOf(state, name, 'changes').every((file) => coveredVersion(file) <= asOf);
    });
    const rows = filesOf(state, table.name, 'base').reduce((sum, file) => sum + file.rows, 0);
    const versions = sources.flatMap((source) => [
      ...filesOf(state, source.name, 'changes').map(coveredVersion),
      ...filesOf(state, source.name, 'base')
        .filter((file) => file.rows > 0 && changes.length === 0)
        .map(coveredVersion),
    ]);
    return {
      table: table.name,
      rows: isPublished ? rows : undefined,
      changedIn: versions.length > 0 ? Math.max(...versions) : undefined,
    };
  });
}

/** Tables that have files with rows. */
export const writtenTables = ({ files }: Pick<LakeState, 'files'>): ReadonlySet<string> =>
  new Set([...files.values()].flatMap(({ table, rows }) => (rows > 0 ? table : [])));

const filesOf = (state: LakeState, table: string, kind: LiveFile['kind']) =>
  [...state.files.values()].filter((file) => file.table === table && file.kind === kind);

/** When a commit was made, ISO 8601; undefined: it cannot be read any more. */
export async function commitTime(
  store: ObjectStore,
  version: Version,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const key = commitKey(version);
  const found = await store.get(key, signal);
  try {
    return found && parseCommit(found.bytes, key, version).time;
  } catch {
    return undefined;
  }
}
