import type { LakePoint } from '../feed/source.ts';
import type { ObjectStore } from '../stores/object-store.ts';
import { exportErrors } from './errors.ts';

const FORMAT = 1;
const PREFIX = '_export/';
const stateKey = (number: number) => `${PREFIX}${String(number).padStart(20, '0')}.json`;
const numberOf = (key: string) => Number(/^_export\/(\d{20})\.json$/.exec(key)?.[1] ?? 0);

/** What an export holds: of which lake, as of which version, and what its format has to remember of each table. */
export interface ExportState<Table> {
  /** Grows with every state; 0: nothing was exported yet. */
  readonly number: number;
  readonly lakeId: string | undefined;
  readonly at: LakePoint | undefined;
  readonly tables: Readonly<Record<string, Table>>;
  /** Files that no version names any more, and since when, ms since 1970. */
  readonly replaced: readonly ReplacedOutput[];
}

export interface ReplacedOutput {
  readonly path: string;
  readonly atMs: number;
}

const NOTHING = { number: 0, lakeId: undefined, at: undefined, tables: {}, replaced: [] } as const;

/**
 * Reads the newest state of an export.
 *
 * @param isTable - whether a value is what the format remembers of a table
 * @throws SluiceError `export_state_unreadable`
 */
export async function readExportState<Table>(
  output: ObjectStore,
  isTable: (value: unknown) => value is Table,
  signal?: AbortSignal,
): Promise<ExportState<Table>> {
  let number = 0;
  for await (const { key } of output.list(PREFIX, {}, signal)) number = Math.max(number, numberOf(key));
  if (number === 0) return NOTHING;
  const file = stateKey(number);
  const refuse = (why: string) => exportErrors.export_state_unreadable({ place: output.description, file, why });
  const found = await output.get(file, signal);
  if (!found) throw refuse('it is missing');
  const value = parsed(found.bytes);
  if (!isObject(value)) throw refuse('it is not JSON');
  if (Number(value['format']) > FORMAT) throw refuse('a newer Sluice wrote it');
  const { lakeId, at, tables, replaced } = value;
  const isWhole =
    typeof lakeId === 'string' &&
    isObject(at) &&
    Number.isSafeInteger(at['version']) &&
    typeof at['commitId'] === 'string' &&
    isObject(tables) &&
    Object.values(tables).every(isTable) &&
    Array.isArray(replaced) &&
    replaced.every(isReplaced);
  if (!isWhole) throw refuse('fields are missing');
  return { number, lakeId, at: at as unknown as LakePoint, tables: tables as Record<string, Table>, replaced };
}

/**
 * Makes a state the newest one. Before it nothing of it counts, after it everything does.
 *
 * @throws SluiceError `lake_conflict` when another export did so
 */
export async function commitExportState<Table>(
  output: ObjectStore,
  { number: before, ...state }: ExportState<Table>,
  signal?: AbortSignal,
): Promise<ExportState<Table>> {
  const number = before + 1;
  const bytes = Buffer.from(JSON.stringify({ format: FORMAT, ...state }));
  if (!(await output.putIfAbsent(stateKey(number), bytes, signal)))
    throw exportErrors.export_overtaken({ place: output.description });
  if (before > 1) await output.delete([stateKey(before - 1)], signal);
  return { number, ...state };
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return undefined;
  }
}

const isReplaced = (value: unknown): value is ReplacedOutput =>
  isObject(value) && typeof value['path'] === 'string' && typeof value['atMs'] === 'number';

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
