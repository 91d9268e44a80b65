import { mkdir } from 'node:fs/promises';
import type { Runtime } from '../runtime/runtime.ts';
import type { TableShape } from '../schema/column.ts';
import type { Duck } from './duck.ts';
import type { CommitChange, LakeState } from './log.ts';
import { catchUp, commitAfter } from './log.ts';
import type { ObjectStore } from './object-store.ts';
import type { TableFiles } from './relations.ts';
import { tableFiles } from './relations.ts';

/** What loads and maintenance of one opened lake share. One of them works at a time. */
export class LakeCore {
  readonly store: ObjectStore;
  readonly tables: readonly TableShape[];
  readonly runtime: Runtime;
  readonly duck: Duck;
  readonly scratchDir: string;
  readonly keepRaw: boolean;
  #state: LakeState;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: {
    store: ObjectStore;
    tables: readonly TableShape[];
    runtime: Runtime;
    duck: Duck;
    scratchDir: string;
    keepRaw: boolean;
    state: LakeState;
  }) {
    this.store = options.store;
    this.tables = options.tables;
    this.runtime = options.runtime;
    this.duck = options.duck;
    this.scratchDir = options.scratchDir;
    this.keepRaw = options.keepRaw;
    this.#state = options.state;
  }

  get state(): LakeState {
    return this.#state;
  }

  /** Runs `work` after all work before it. */
  exclusive<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work, work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  /** Takes in what others committed. With a load's id: throws `lake_conflict` if another load did. */
  async catchUp(loadId?: string): Promise<void> {
    this.#state = await catchUp(this.store, this.#state, loadId);
  }

  async commit(change: Omit<CommitChange, 'id' | 'time'>): Promise<void> {
    const time = new Date(this.runtime.now()).toISOString();
    this.#state = await commitAfter(this.store, this.#state, { id: this.runtime.id(), time, ...change });
  }

  filesOf(table: string): Promise<TableFiles> {
    return tableFiles(this.#state, table, (path) => this.store.localPath(path));
  }

  /** A folder for results that are not in the store yet. */
  async scratch(name: string): Promise<string> {
    const folder = `${this.scratchDir}/${name}`;
    await mkdir(folder, { recursive: true });
    return folder;
  }
}
