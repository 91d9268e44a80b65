import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { Column } from '../../../src/schema/column.ts';
import { tables } from '../../../src/tables/index.generated.ts';
import { fastRuntime } from '../../support/fast-runtime.ts';
import { ask, withFolder } from '../../support/lake.ts';
import { runSync } from '../../support/sync.ts';
import { startTwin } from '../../support/twin.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

let lake: string;
let done: () => void;
/** A generated tenant of modest size, in a lake. */
beforeAll(
  () =>
    new Promise<void>((ready, failed) => {
      withFolder(async (folder) => {
        const runtime = fastRuntime(40);
        const twin = await startTwin(
          { teams: 3, channels: 4, messages: 60, users: 30, chats: 30, seed: 11, limits: 'none' },
          { runtime },
        );
        try {
          // Some contents are refused, others are larger than is to be kept: their rows say why.
          for (const messages of ['/teams/{id}/channels/{id}/messages/**', '/chats/{id}/messages/**'])
            await twin.post('/faults', { kind: 'status', status: 404, route: `${messages}/$value`, nth: [1] });
          const report = await runSync({
            env: twin.env,
            lake: folder,
            runtime,
            tables: tables.map(({ name }) => name),
            contentLimitMb: 10_000 / 1024 / 1024,
          });
          // The chats and the calendar of one user are refused: they have no licence.
          expect([
            new Set(report.skipped.map(({ code }) => code)),
            new Set(report.absent.map(({ code }) => code)),
          ]).toEqual([new Set(['hosted_contents_unread']), new Set(['licence_missing', 'mailbox_missing'])]);
        } finally {
          await twin.close();
        }
        lake = folder;
        ready();
        await new Promise<void>((resolve) => {
          done = resolve;
        });
      }).catch(failed);
    }),
);
afterAll(() => done());

/** Values that a column of this type cannot be told from null by. */
async function filled(table: string, columns: readonly string[]): Promise<Record<string, number>> {
  const counts = columns.map((name) => `count("${name}")`);
  const [row] = await ask(lake, `SELECT ${counts.join(', ')} FROM ${table}`);
  return Object.fromEntries(columns.map((name, at) => [name, Number(row![at])]));
}

it.each(tables.map((table) => ({ name: table.name, table })))(
  '$name: every column has a value in some row, unless its declaration says why not',
  async ({ table }) => {
    const columns: [string, Column][] = Object.entries(table.columns);
    const counts = await filled(
      table.name,
      columns.map(([name]) => name),
    );
    const empty = columns.filter(([name]) => counts[name] === 0).map(([name]) => name);
    expect(empty).toEqual(columns.filter(([, { unfilled }]) => unfilled !== undefined).map(([name]) => name));
  },
);

it('a mention names a person, a channel, a tag; a message has several', async () => {
  const kinds = ['"user"', 'conversation', 'tag'].map((kind) => `count(mentioned.${kind}.id) > 0`);
  expect(await ask(lake, `SELECT ${kinds.join(', ')}, max(id) > 0 FROM message_mentions`)).toEqual([
    [true, true, true, true],
  ]);
});
