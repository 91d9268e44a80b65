import type { StoredMessage } from './message.ts';
import { firstIndex, SortedIndex } from './sorted-index.ts';
import type { ModifiedRange } from './types.ts';

/** The messages of one channel: roots by chain activity, by id, and everything by order of change. */
export class ChannelMessages {
  readonly #roots = new SortedIndex<StoredMessage>(
    (a, b) => b.activityMs - a.activityMs || b.createdMs - a.createdMs || b.sequence - a.sequence,
  );
  readonly #changes = new SortedIndex<StoredMessage>((a, b) => a.changeSequence - b.changeSequence);
  readonly #rootById = new Map<string, StoredMessage>();

  get roots(): readonly StoredMessage[] {
    return this.#roots.items;
  }

  root(id: string): StoredMessage | undefined {
    return this.#rootById.get(id);
  }

  changes(since: number): readonly StoredMessage[] {
    const all = this.#changes.items;
    return since <= 0 ? all : all.slice(firstIndex(all, ({ changeSequence }) => changeSequence > since));
  }

  add(message: StoredMessage): void {
    this.#changes.add(message);
    if (message.root) {
      this.#roots.touch();
    } else {
      this.#roots.add(message);
      this.#rootById.set(message.id, message);
    }
  }

  touch(): void {
    this.#roots.touch();
    this.#changes.touch();
  }
}

const REMEMBERED_RANGES = 32;

/** The messages of one team that the export call gives: in order of creation, and by range of modification. */
export class TeamMessages {
  #all: StoredMessage[] = [];
  readonly #byModified = new SortedIndex<StoredMessage>((a, b) => a.modifiedMs - b.modifiedMs);
  readonly #ranges = new Map<string, readonly StoredMessage[]>();

  /** Answers of recent ranges are kept until a message changes: a client asks for every page of a range anew. */
  list({ gtMs, ltMs }: ModifiedRange = {}): readonly StoredMessage[] {
    if (gtMs === undefined && ltMs === undefined) return this.#all;
    const key = `${gtMs}|${ltMs}`;
    let found = this.#ranges.get(key);
    if (!found) {
      found = this.#find(gtMs ?? -Infinity, ltMs ?? Infinity);
      if (this.#ranges.size >= REMEMBERED_RANGES) this.#ranges.clear();
      this.#ranges.set(key, found);
    }
    return found;
  }

  add(message: StoredMessage): void {
    this.#all.push(message);
    this.#byModified.add(message);
    this.#ranges.clear();
  }

  touch(): void {
    this.#byModified.touch();
    this.#ranges.clear();
  }

  /** Puts messages back that were taken out, each where it was. */
  restore(messages: readonly StoredMessage[]): void {
    for (const message of messages) this.add(message);
    this.#all.sort((a, b) => a.sequence - b.sequence);
  }

  keep(wanted: (message: StoredMessage) => boolean): void {
    this.#all = this.#all.filter(wanted);
    this.#byModified.keep(wanted);
    this.#ranges.clear();
  }

  #find(gtMs: number, ltMs: number): readonly StoredMessage[] {
    const sorted = this.#byModified.items;
    const from = firstIndex(sorted, ({ modifiedMs }) => modifiedMs > gtMs);
    const to = firstIndex(sorted, ({ modifiedMs }) => modifiedMs >= ltMs);
    const found = sorted.slice(from, Math.max(from, to)).filter(({ modifiedStamp }) => modifiedStamp === 'written');
    return found.sort((a, b) => a.sequence - b.sequence);
  }
}
