import type { LakeContents, Load, PartitionKey, Position, RawPage, TableCounts } from '../../src/lake/types.ts';

/** A lake whose rows name no contents. */
export const noContents: LakeContents = {
  unkept: async function* () {},
  begin: async () => {
    throw new Error('not asked for in this test');
  },
};

/** A load that keeps what it is given, in order. */
export class FakeLoad implements Load {
  readonly pages: RawPage[] = [];
  readonly positions = new Map<string, Position | null>();
  /** Every position as it was set, with the number of pages that stood before it. */
  readonly history: { key: string; position: Position | null; pages: number }[] = [];
  readonly replaced = new Map<string, readonly RawPage[]>();
  readonly retained = new Map<string, ReadonlySet<string>>();
  readonly counts: Record<string, TableCounts> = {};
  readonly unreadable = new Set<PartitionKey>();

  async append(page: RawPage): Promise<void> {
    this.pages.push(page);
  }

  advance(resource: string, partition: string, position: Position | null): void {
    this.positions.set(`${resource}/${partition}`, position);
    this.history.push({ key: `${resource}/${partition}`, position, pages: this.pages.length });
  }

  async replace(resource: string, partition: string, pages: readonly RawPage[]): Promise<void> {
    this.replaced.set(`${resource}/${partition}`, pages);
  }

  async retain(resource: string, partitions: ReadonlySet<string>): Promise<void> {
    this.retained.set(resource, partitions);
  }

  async standing(): Promise<ReadonlyMap<string, number>> {
    return new Map();
  }

  async standingIds(): Promise<ReadonlyMap<string, readonly string[]>> {
    return new Map();
  }

  async commit(): Promise<number> {
    return 1;
  }

  async close(): Promise<void> {}

  async abandon(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {}

  /** Ids of every message landed, replies included; later versions of one id count once. */
  landedIds(): Set<string> {
    const ids = new Set<string>();
    for (const page of this.pages) {
      const { value } = JSON.parse(new TextDecoder().decode(page.bytes)) as {
        value: { id: string; replies?: { id: string }[] }[];
      };
      for (const record of value) for (const { id } of [record, ...(record.replies ?? [])]) ids.add(id);
    }
    return ids;
  }
}
