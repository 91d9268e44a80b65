import type { Lake, PageContext, PartitionKey, Position, RawPage } from '../../src/lake/types.ts';
import type { TableShape } from '../../src/schema/column.ts';
import { records } from '../../src/strategies/records.ts';
import { FakeLoad, noContents } from './fake-load.ts';

interface Landed {
  readonly id: string;
  readonly state: number;
  readonly lastModifiedDateTime?: string | null;
  readonly replies?: readonly Landed[];
}

/** What is committed of a lake: the state of every message, and the positions. A crash keeps any prefix of a load. */
export class ModelLake {
  readonly states = new Map<string, number>();
  readonly positions = new Map<PartitionKey, Position>();
  #load = new FakeLoad();

  get lake(): Lake {
    const { positions } = this;
    return {
      version: 1,
      facts: {},
      note: async () => {},
      tables: [],
      positions: () => new Map(positions),
      written: () => new Set(),
      heldColumns: async () => new Map(),
      keptPages: async () => undefined,
      runs: async () => undefined,
      keepRuns: async () => {},
      begin: async () => {
        this.#load = new FakeLoad();
        return this.#load;
      },
      publish: async () => [],
      contents: noContents,
      compact: async () => ({ tables: {}, orphansRemoved: 0, contentsRemoved: 0, feedFrom: 1 }),
      repair: async () => ({ restored: [], dropped: [], landedAgain: [], forgotten: [] }),
      close: async () => {},
      [Symbol.asyncDispose]: async () => {},
    };
  }

  /** @param share - how much of what was given to the load is committed, 0 to 1 */
  commit(share = 1): void {
    const { pages, history } = this.#load;
    const kept = share >= 1 ? pages.length : Math.floor(pages.length * share);
    for (const page of pages.slice(0, kept)) this.#land(page);
    for (const { key, position, pages: before } of history) {
      if (before > kept) break;
      if (position === null) this.positions.delete(key as PartitionKey);
      else this.positions.set(key as PartitionKey, position);
    }
  }

  #land(page: RawPage): void {
    for (const record of records<Landed>(page).flatMap((one) => [one, ...(one.replies ?? [])])) {
      if (isAskedFor(record, page.context))
        this.states.set(record.id, Math.max(record.state, this.states.get(record.id) ?? 0));
    }
  }
}

/** As a lake leaves out what is older than was asked for, or newer. */
function isAskedFor({ lastModifiedDateTime: at }: Landed, { since, until }: PageContext): boolean {
  if (typeof at !== 'string') return until === undefined;
  const ms = Date.parse(at);
  return (since === undefined || ms >= Date.parse(since)) && (until === undefined || ms < Date.parse(until));
}

export const messageTable: TableShape = {
  name: 'messages',
  resource: 'channel_messages',
  description: 'messages',
  ingestionType: 'cdc',
  primaryKey: ['id'],
  columns: {},
};
