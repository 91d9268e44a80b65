import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openDuck } from '../../src/lake/engine/duck.ts';
import type { OpenLakeOptions } from '../../src/lake/lake.ts';
import { openLake } from '../../src/lake/lake.ts';
import { type LeaseHost, systemLeaseHost } from '../../src/lake/log/lease-host.ts';
import { queryLake } from '../../src/lake/query/query.ts';
import { fileStore } from '../../src/lake/stores/file.ts';
import type { ObjectStore } from '../../src/lake/stores/object-store.ts';
import type { Lake, RawPage } from '../../src/lake/types.ts';
import { systemRuntime } from '../../src/runtime/runtime.ts';
import { tables } from '../../src/tables/index.generated.ts';

/** A folder that goes when the test ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-lake-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A lake in a folder, with everything a test may want to replace. */
export function openTestLake(folder: string, options: Partial<OpenLakeOptions> = {}): Promise<Lake> {
  return openLake({
    store: fileStore(join(folder, 'lake')),
    tables,
    runtime: systemRuntime,
    scratchDir: join(folder, `scratch-${Math.random()}`),
    threads: 1,
    ...options,
  });
}

/** A process that looks at a lake when the one that wrote it has not been heard of for an hour. */
export function hourLater(): LeaseHost {
  const host = systemLeaseHost();
  return { ...host, monotonicMs: () => host.monotonicMs() + 3_600_000 };
}

/** The tables that pages of messages fill: each of all tables would be a file more to write, whenever a lake is shown. */
export const ofMessages = tables.filter(({ name }) =>
  ['messages', 'message_replies', 'message_reactions', 'message_mentions', 'message_attachments'].includes(name),
);

/** Rows of a query as objects. */
export const rowsOf = (folder: string, sql: string) => rowsIn(fileStore(join(folder, 'lake')), sql);

export async function rowsIn(store: ObjectStore, sql: string): Promise<Record<string, unknown>[]> {
  const { columns, rows } = await queryLake({ store, tables, sql });
  return rows.map((row) => Object.fromEntries(columns.map((name, at) => [name, row[at]])));
}

/** What any other reader of Parquet finds: rows of a DuckDB that knows nothing of lakes. */
export async function rowsElsewhere(sql: string): Promise<Record<string, unknown>[]> {
  const duck = await openDuck({ scratchDir: tmpdir() });
  try {
    return await duck.rows(sql);
  } finally {
    duck.close();
  }
}

export const FETCHED_AT = '2026-11-01T00:00:00Z';

/** A page of channel messages of team t, channel c. */
export function messagesPage(value: readonly unknown[], context: Record<string, string> = {}): RawPage {
  return rawPage('channel_messages', 't', Buffer.from(JSON.stringify({ value })), {
    team_id: 't',
    channel_id: 'c',
    ...context,
  });
}

export function rawPage(
  resource: string,
  partition: string,
  bytes: Uint8Array,
  context: Record<string, string> = {},
): RawPage {
  return { resource, partition, context: { fetchedAt: FETCHED_AT, ...context }, bytes };
}

/** A chatMessage with only what a test needs. */
export function message(id: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id,
    replyToId: null,
    messageType: 'message',
    createdDateTime: '2026-01-01T00:00:00.000Z',
    lastModifiedDateTime: '2026-01-01T00:00:00.000Z',
    deletedDateTime: null,
    from: { user: { id: 'u1', displayName: 'Ada' }, application: null, device: null },
    body: { contentType: 'html', content: `text of ${id}` },
    channelIdentity: { teamId: 't', channelId: 'c' },
    reactions: [],
    mentions: [],
    attachments: [],
    ...more,
  };
}

export function reaction(type: string, userId: string | null): Record<string, unknown> {
  const user = userId === null ? null : { user: { id: userId, displayName: null } };
  return { reactionType: type, createdDateTime: '2026-01-02T00:00:00Z', displayName: null, user };
}
