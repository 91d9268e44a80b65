import { DuckDBConnection } from '@duckdb/node-api';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  message,
  messagesPage,
  ofMessages,
  openTestLake,
  rawPage,
  rowsOf,
  temporaryFolder,
} from '../../../test/support/lake-pages.ts';
import type { RawPage } from '../types.ts';

/** The statements that stage records. */
let staged: string[];
beforeEach(() => {
  staged = [];
  const run = DuckDBConnection.prototype.run;
  vi.spyOn(DuckDBConnection.prototype, 'run').mockImplementation(function (this: DuckDBConnection, ...args) {
    if (args[0].includes('TEMP TABLE records')) staged.push(args[0]);
    return run.apply(this, args);
  });
});
afterEach(() => {
  vi.restoreAllMocks();
});

const page = (text: string): RawPage =>
  rawPage('channel_messages', 't', Buffer.from(text), { team_id: 't', channel_id: 'c' });

async function landed(folder: string, ...pages: readonly RawPage[]) {
  await using lake = await openTestLake(folder, { tables: ofMessages });
  const load = await lake.begin({ loadId: 'a' });
  for (const one of pages) await load.append(one);
  load.advance('channel_messages', 't', { at: 'here' });
  await load.close();
  const position = [...lake.positions().values()][0];
  return { counts: load.counts['messages'], position, unreadable: load.unreadable.size };
}

describe('pages without records', () => {
  it('move positions and stage nothing', async () => {
    const folder = temporaryFolder();
    const found = await landed(folder, messagesPage([]), page('{ "@odata.context": "c", "value" : [ ] }'));
    expect(found).toEqual({ counts: { rows: 0, deletes: 0, quarantined: 0 }, position: { at: 'here' }, unreadable: 0 });
    expect(staged).toEqual([]);
  });

  it('are told from a small page with an empty list inside of a record', async () => {
    const folder = temporaryFolder();
    const found = await landed(
      folder,
      messagesPage([message('1', { policyViolation: { value: [] } })]),
      messagesPage([]),
    );
    expect(found.counts).toEqual({ rows: 1, deletes: 0, quarantined: 0 });
    expect(await rowsOf(folder, 'SELECT id FROM messages')).toEqual([{ id: '1' }]);
  });

  it.each([
    ['more lists than its own', '{"value":[{],"x":{"value":[]}}'],
    ['no list of records', '{"error":{"value":[]}}'],
    ['a record that is none', '{"value":[null],"x":{"value":[]}}'],
  ])('are told from a page with %s', async (_what, text) => {
    expect((await landed(temporaryFolder(), page(text))).counts).toMatchObject({ rows: 0, quarantined: 1 });
  });
});
