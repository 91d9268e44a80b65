import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import type { TableShape } from '../../schema/column.ts';
import { openDuck } from '../engine/duck.ts';
import { checkMemory, systemMemory } from '../engine/memory.ts';
import { checkOpenFiles } from '../engine/open-files.ts';
import type { LakeState } from '../log/commit-record.ts';
import type { LogSurvey } from '../log/log-survey.ts';
import { mendedState, surveyLog } from '../log/log-survey.ts';
import { isPartitionOf } from '../log/partition-key.ts';
import type { ObjectStore } from '../stores/object-store.ts';
import { makeOwnFolder } from '../stores/private-files.ts';
import { storedTables } from '../tables/relations.ts';
import type { PartitionKey, Version } from '../types.ts';
import { type ContentFault, lookAtContents } from './content-files.ts';
import type { Diagnosed } from './diagnosis.ts';
import { currentFaults, diagnose } from './diagnosis.ts';

/** What mends a finding. The first three are of the log and of `current/`; the others: see `Remedy`. */
export type Mending =
  | 'none_needed'
  | 'go_back'
  | 'show_again'
  | 'copy'
  | 'rebuild'
  | 'raw'
  | 'list_again'
  | 'read_again'
  | 'fetch_again'
  | 'history_ends';

/** One thing that is not as the log says. */
export interface Finding {
  readonly part: 'log' | 'table' | 'current' | 'content';
  readonly file: string;
  readonly kind: 'missing' | 'corrupt' | 'stale';
  /** In words, without anything that stands in the file. */
  readonly why: string;
  readonly mending: Mending;
  readonly table?: string | undefined;
  /** Rows that the file held. */
  readonly rows?: number | undefined;
  /** Partitions that would be read again. */
  readonly partitions: readonly PartitionKey[];
}

export interface FsckReport {
  /** The version that can be read. */
  readonly version: Version;
  /** The last version that there was. */
  readonly newest: Version;
  readonly findings: readonly Finding[];
  /** What is missing without any answer needing it. */
  readonly notes: readonly Finding[];
  readonly files: number;
  /** Files that no commit names: a compaction removes those that nobody writes. */
  readonly orphans: { readonly files: number; readonly bytes: number };
  /** Files beside the tables that no row names: a compaction removes them. */
  readonly unnamed: { readonly files: number; readonly bytes: number };
  /** What a repair would read again. */
  readonly cost: { readonly partitions: readonly PartitionKey[]; readonly rows: number; readonly keptPages: number };
}

export interface FsckOptions {
  readonly store: ObjectStore;
  readonly tables: readonly TableShape[];
  /** Default: a folder of its own in the system's temporary folder. */
  readonly scratchDir?: string | undefined;
}

const ATTEMPTS = 3;

/**
 * Looks at everything in a lake and changes nothing. Reads every file whole. Works beside a writer: what it finds is looked
 * at again when the lake has moved on meanwhile.
 *
 * @throws SluiceError `lake_format_newer`; `lake_commit_corrupt` when nothing can be read
 */
export async function fsck(options: FsckOptions, signal?: AbortSignal): Promise<FsckReport> {
  for (let attempt = 1; ; attempt += 1) {
    const report = await lookOnce(options, signal);
    const isClean = report.findings.length === 0;
    if (isClean || attempt === ATTEMPTS || (await surveyLog(options.store, signal)).newest === report.newest) {
      return report;
    }
  }
}

async function lookOnce(
  { store, tables: declared, scratchDir }: FsckOptions,
  signal?: AbortSignal,
): Promise<FsckReport> {
  await checkOpenFiles();
  checkMemory(await systemMemory());
  const survey = await surveyLog(store, signal);
  const state = mendedState(survey);
  const tables = storedTables(declared, state);
  const spillDir = await makeOwnFolder(scratchDir ?? tmpdir());
  const duck = await openDuck({ scratchDir: spillDir });
  try {
    const diagnosed = await diagnose({ store, tables, duck, state, commits: survey.commits }, signal);
    // Rows that cannot be read name nothing.
    const contents =
      diagnosed.length === 0 ? await lookAtContents({ store, tables, duck, state }, signal) : NO_CONTENTS;
    const inLog = logFindings(survey);
    const findings = [
      ...inLog.filter(({ mending }) => mending !== 'none_needed'),
      ...diagnosed.map((one) => fileFinding(one, tables, state)),
      ...(await currentFaults({ store, tables, state }, signal)).map(currentFinding),
      ...contents.faults.map(contentFinding),
    ];
    return {
      version: survey.state.version,
      newest: survey.newest,
      findings,
      notes: inLog.filter(({ mending }) => mending === 'none_needed'),
      files: state.files.size,
      orphans: await orphansOf(store, state, signal),
      unnamed: contents.unnamed,
      cost: costOf(findings, diagnosed, tables, state),
    };
  } finally {
    duck.close();
    await rm(spillDir, { recursive: true, force: true });
  }
}

function logFindings(survey: LogSurvey): Finding[] {
  return survey.faults.map(({ file, kind, isCovered }) => ({
    part: 'log',
    file,
    kind,
    why: kind === 'missing' ? 'it is not there' : 'it is no readable commit',
    mending: isCovered ? 'none_needed' : 'go_back',
    partitions: [],
  }));
}

function fileFinding({ damage, remedy }: Diagnosed, tables: readonly TableShape[], state: LakeState): Finding {
  const { file, kind, why } = damage;
  const { resource } = tables.find(({ name }) => name === file.table)!;
  const partitions = remedy.kind === 'read_again' ? partitionsOf(state, resource) : [];
  return {
    part: 'table',
    file: file.path,
    kind,
    why,
    mending: remedy.kind,
    table: file.table,
    rows: file.rows,
    partitions,
  };
}

const WHY_CURRENT = {
  missing: 'it is not there',
  corrupt: 'it is not the file that the log names',
  stale: 'the log says something else',
} as const;

function currentFinding({ file, kind }: { file: string; kind: 'missing' | 'corrupt' | 'stale' }): Finding {
  return { part: 'current', file, kind, why: WHY_CURRENT[kind], mending: 'show_again', partitions: [] };
}

const NO_CONTENTS = { faults: [], unnamed: { files: 0, bytes: 0 } };

function contentFinding({ file, kind }: ContentFault): Finding {
  const why = kind === 'missing' ? 'it is not there' : 'its checksum is another one';
  return { part: 'content', file, kind, why, mending: 'fetch_again', partitions: [] };
}

/** The partitions of a resource that have a position. */
export const partitionsOf = (state: LakeState, resource: string): readonly PartitionKey[] =>
  [...state.positions.keys()].filter((key) => isPartitionOf(key, resource));

function costOf(
  findings: readonly Finding[],
  diagnosed: readonly Diagnosed[],
  tables: readonly TableShape[],
  state: LakeState,
): FsckReport['cost'] {
  const resourceOf = (table: string) => tables.find(({ name }) => name === table)?.resource;
  const again = new Set(
    diagnosed.filter(({ remedy }) => remedy.kind === 'read_again').map(({ damage }) => resourceOf(damage.file.table)),
  );
  const records = new Set(tables.filter(({ explode }) => explode === undefined).map(({ name }) => name));
  const standing = [...state.files.values()].filter(
    ({ kind, table }) => kind === 'base' && records.has(table) && again.has(resourceOf(table)),
  );
  const kept = diagnosed.flatMap(({ remedy }) => (remedy.kind === 'raw' ? remedy.keys : []));
  return {
    partitions: [...new Set(findings.flatMap(({ partitions }) => partitions))],
    rows: standing.reduce((sum, { rows }) => sum + rows, 0),
    keptPages: new Set(kept).size,
  };
}

async function orphansOf(store: ObjectStore, state: LakeState, signal?: AbortSignal): Promise<FsckReport['orphans']> {
  let files = 0;
  let bytes = 0;
  for await (const { key, size } of store.list('tables/', {}, signal)) {
    if (state.files.has(key) || state.replaced.has(key)) continue;
    files += 1;
    bytes += size;
  }
  return { files, bytes };
}
