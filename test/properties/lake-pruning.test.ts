import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBConnection } from '@duckdb/node-api';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Lake } from '../../src/lake/types.ts';
import {
  message,
  messagesPage,
  ofMessages,
  openTestLake,
  reaction,
  rowsElsewhere,
  temporaryFolder,
} from '../support/lake-pages.ts';

/** Enough for a base file that takes no others along. */
const ROWS_OF_FILE = 8_500;
const EPOCH_MS = Date.UTC(2024, 0, 1);
/** Five minutes apart: a file is a month. */
const idOf = (at: number) => String(EPOCH_MS + at * 300_000);
const versionOf = (version: number) => new Date(Date.UTC(2026, 0, 1) + version * 1000).toISOString();

const sight = (at: number, version: number) =>
  message(idOf(at), {
    lastModifiedDateTime: versionOf(version),
    body: { contentType: 'text', content: `version ${version}` },
    reactions: at % 1000 === 0 ? [reaction('like', `u${version}`)] : [],
  });

/** A first load of messages in the order of time: each file holds its own. */
async function landFiles(lake: Lake, files: number): Promise<void> {
  const load = await lake.begin({ loadId: 'first', segmentPages: 1 });
  for (let file = 0; file < files; file += 1) {
    await load.append(
      messagesPage(Array.from({ length: ROWS_OF_FILE }, (_, at) => sight(file * ROWS_OF_FILE + at, 0))),
    );
  }
  await load.close();
  await lake.publish();
}

async function change(lake: Lake, loadId: string, records: readonly unknown[]): Promise<void> {
  const load = await lake.begin({ loadId });
  await load.append({ ...messagesPage(records), readBefore: true });
  await load.close();
}

/** Parquet files of messages that DuckDB is asked to open, apart from unfinished ones. */
function openedFiles(): { readonly paths: ReadonlySet<string>; stop(): void } {
  const paths = new Set<string>();
  const run = DuckDBConnection.prototype.run;
  const spy = vi.spyOn(DuckDBConnection.prototype, 'run').mockImplementation(function (
    this: DuckDBConnection,
    ...args
  ) {
    for (const [, path] of args[0].matchAll(/tables\/(messages\/[^'/]+\.parquet)/g)) paths.add(path!);
    return run.apply(this, args);
  });
  return { paths, stop: () => spy.mockRestore() };
}

it('a change of three messages opens as many files in a lake of three times the size', {
  timeout: 180_000,
}, async () => {
  const opened: number[] = [];
  for (const files of [3, 9]) {
    const folder = temporaryFolder();
    await using lake = await openTestLake(folder, { tables: ofMessages });
    await landFiles(lake, files);
    await change(lake, 'tail', [sight(files * ROWS_OF_FILE, 1)]);
    await lake.publish();
    const next = files * ROWS_OF_FILE + 1;
    const { paths, stop } = openedFiles();
    try {
      await change(lake, 'small', [sight(next, 2), sight(next + 1, 2), sight(ROWS_OF_FILE + 7, 2)]);
      await lake.publish();
    } finally {
      stop();
    }
    opened.push(paths.size);
    const shown = join(folder, 'lake/current/messages/*.parquet');
    const [found] = await rowsElsewhere(
      `SELECT count(*)::INTEGER AS n, (count(*) FILTER (body.content = 'version 2'))::INTEGER AS changed FROM '${shown}'`,
    );
    expect(found).toEqual({ n: next + 2, changed: 3 });
  }
  // The changes, the file of the old message and the small one before and after.
  expect(opened[0]).toBeLessThanOrEqual(5);
  expect(opened[1]).toBe(opened[0]);
});

interface Step {
  /** Places of messages, of those that are there and of new ones. */
  readonly changed: readonly number[];
  readonly removed: readonly number[];
  /** Which files of the log say nothing of their keys afterwards, as files of before. */
  readonly silenced: 'none' | 'some' | 'all';
  readonly compact: boolean;
}

const FILES = 3;
const place = fc.oneof(
  fc.integer({ min: 0, max: FILES * ROWS_OF_FILE - 1 }),
  fc.constantFrom(0, ROWS_OF_FILE - 1, ROWS_OF_FILE, FILES * ROWS_OF_FILE - 1),
  fc.integer({ min: FILES * ROWS_OF_FILE, max: FILES * ROWS_OF_FILE + 20 }),
  fc.integer({ min: -20, max: -1 }),
);
const step: fc.Arbitrary<Step> = fc.record({
  changed: fc.uniqueArray(place, { maxLength: 6 }),
  removed: fc.uniqueArray(place, { maxLength: 3 }),
  silenced: fc.constantFrom('none', 'none', 'some', 'all'),
  compact: fc.boolean(),
});

/** Takes from the log what it says of keys. */
function silence(folder: string, which: Step['silenced']): void {
  const log = join(folder, 'lake/_log');
  for (const name of which === 'none' ? [] : readdirSync(log).filter((each) => each.endsWith('.json'))) {
    const record = JSON.parse(readFileSync(join(log, name), 'utf8')) as { added: { keys?: unknown }[] };
    const added = record.added.map(({ keys, ...file }, at) =>
      which === 'all' || at % 2 === 0 ? file : { ...file, keys },
    );
    writeFileSync(join(log, name), JSON.stringify({ ...record, added }));
  }
}

describe('what is said of the keys of files', () => {
  const template = mkdtempSync(join(tmpdir(), 'sluice-lake-'));
  beforeAll(async () => {
    await using lake = await openTestLake(template, { tables: ofMessages });
    await landFiles(lake, FILES);
  }, 120_000);
  afterAll(() => rmSync(template, { recursive: true, force: true }));

  it('changes no row of any state, whichever files say it', { timeout: 300_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 4 }), async (steps) => {
        const folder = temporaryFolder();
        cpSync(template, folder, { recursive: true });
        const expected = new Map<string, number>();
        for (let at = 0; at < FILES * ROWS_OF_FILE; at += 1) expected.set(idOf(at), 0);
        const gone = new Set<string>();
        for (const [at, { changed, removed, silenced, compact }] of steps.entries()) {
          const version = at + 1;
          await using lake = await openTestLake(folder, { tables: ofMessages });
          await change(lake, `run-${at}`, [
            ...changed.map((one) => sight(one, version)),
            ...removed.map((one) => ({ id: idOf(one), '@removed': { reason: 'deleted' } })),
          ]);
          for (const one of changed) if (!gone.has(idOf(one))) expected.set(idOf(one), version);
          for (const one of removed) {
            gone.add(idOf(one));
            expected.delete(idOf(one));
          }
          await (compact ? lake.compact() : lake.publish());
          await lake.close();
          silence(folder, silenced);
          const rows = await rowsElsewhere(
            `SELECT id, body.content AS text FROM '${join(folder, 'lake/current/messages/*.parquet')}'`,
          );
          const found = new Map(
            rows.map(({ id, text }) => [String(id), Number(String(text).slice('version '.length))]),
          );
          expect(rows).toHaveLength(expected.size);
          expect([...found].filter(([id, one]) => expected.get(id) !== one)).toEqual([]);
        }
      }),
      { numRuns: 8, seed: 20_261_129 },
    );
  });
});
