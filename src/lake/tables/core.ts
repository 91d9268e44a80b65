import { isSluiceError } from '../../errors/sluice-error.ts';
import { makeFolders } from '../../runtime/folders.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { TableShape } from '../../schema/column.ts';
import type { Duck } from '../engine/duck.ts';
import { inTurn } from '../in-turn.ts';
import type { Lease } from '../log/lease.ts';
import type { CommitChange, LakeState } from '../log/log.ts';
import { catchUp, commitAfter } from '../log/log.ts';
import { leaseFileName } from '../log/names.ts';
import type { ObjectStore } from '../stores/object-store.ts';
import { PRIVATE_FOLDER } from '../stores/private-files.ts';
import { checkSize, type Locate, located } from './files.ts';
import type { StoredTable } from './relations.ts';
import { tableFiles } from './relations.ts';

/** How long what is not needed any more lives on. */
export interface Keeping {
  /** Changes are kept this long for those who read them by version, ms. */
  readonly retentionMs: number;
  /** Files that were replaced are kept this long for those who still read them, ms. */
  readonly graceMs: number;
}

export interface LakeParts {
  readonly store: ObjectStore;
  readonly tables: readonly TableShape[];
  readonly runtime: Runtime;
  readonly duck: Duck;
  /** A folder of this lease alone. */
  readonly scratchDir: string;
  readonly keepRaw: boolean;
  readonly keeping: Keeping;
  readonly lease: Lease;
  readonly state: LakeState;
}

const asSluiceError = (error: unknown) => (isSluiceError(error) ? error : undefined);

/** What loads and maintenance of one opened lake share. One of them works at a time. */
export class LakeCore {
  readonly store: ObjectStore;
  readonly tables: readonly TableShape[];
  readonly runtime: Runtime;
  readonly duck: Duck;
  readonly scratchDir: string;
  readonly keepRaw: boolean;
  readonly keeping: Keeping;
  readonly lease: Lease;
  #state: LakeState;
  readonly #turn = inTurn();
  /** What the work that runs has located. */
  readonly #located: string[] = [];

  constructor(parts: LakeParts) {
    this.store = parts.store;
    this.tables = parts.tables;
    this.runtime = parts.runtime;
    this.duck = parts.duck;
    this.scratchDir = parts.scratchDir;
    this.keepRaw = parts.keepRaw;
    this.keeping = parts.keeping;
    this.lease = parts.lease;
    this.#state = parts.state;
  }

  get state(): LakeState {
    return this.#state;
  }

  /**
   * Runs `work` after all work before it. When it fails because another process took the lake over meanwhile (and
   * removed the files it worked on), that is what is said. What it located is let go of with its end.
   */
  exclusive<T>(work: () => Promise<T>): Promise<T> {
    const held = async () => {
      try {
        return await work();
      } catch (error) {
        const lost = await this.lease.check().then(() => undefined, asSluiceError);
        throw lost ?? error;
      } finally {
        await this.store.letGo(this.#located.splice(0));
      }
    };
    return this.#turn(held);
  }

  /** Takes in what this lease committed. @throws SluiceError `lake_conflict` when another one did. */
  async catchUp(): Promise<void> {
    this.#state = await catchUp(this.store, this.#state, this.lease.number);
  }

  async commit(change: Omit<CommitChange, 'id' | 'time' | 'lease'>): Promise<void> {
    const time = new Date(this.runtime.now()).toISOString();
    const lease = this.lease.number;
    this.#state = await commitAfter(this.store, this.#state, { id: this.runtime.id(), time, lease, ...change });
  }

  /** The files of a table as the log names them: none is looked at. */
  stored(table: TableShape): StoredTable {
    return { table, files: tableFiles(this.#state, table.name), locate: this.locate };
  }

  /** @throws SluiceError `lake_file_missing`, `lake_file_corrupt` when one of them is not there as it was committed */
  readonly locate: Locate = async (files, signal) => {
    this.#located.push(...files.map(({ path }) => path));
    const found = await located(this.store, files, signal);
    for (const file of found) await checkSize(file);
    return found;
  };

  /** A folder for results that are not in the store yet. */
  async scratch(name: string): Promise<string> {
    const folder = `${this.scratchDir}/${name}`;
    await makeFolders(folder, PRIVATE_FOLDER);
    return folder;
  }

  /** The key of a new file of a table. It carries the lease: what a later one finds unnamed can never be committed. */
  newFile(table: string, name: string): string {
    return `tables/${table}/${leaseFileName(this.lease.number, name)}`;
  }
}
