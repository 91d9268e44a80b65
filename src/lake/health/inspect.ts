import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import type { TableShape } from '../../schema/column.ts';
import { openDuck } from '../engine/duck.ts';
import { keptPages } from '../load/kept-pages.ts';
import type { LakeState } from '../log/commit-record.ts';
import { writtenTables } from '../log/row-counts.ts';
import type { ObjectStore } from '../stores/object-store.ts';
import { makeOwnFolder } from '../stores/private-files.ts';
import { heldColumns } from '../tables/held-columns.ts';
import { storedTables } from '../tables/relations.ts';
import type { Lake } from '../types.ts';

/** What an opened lake says of its content, of one that is not opened: nothing is written, no lease is taken. */
export function inspect(lake: {
  readonly store: ObjectStore;
  readonly tables: readonly TableShape[];
  readonly state: LakeState;
}): Pick<Lake, 'version' | 'facts' | 'tables' | 'positions' | 'written' | 'heldColumns' | 'keptPages'> {
  const { store, state } = lake;
  const tables = storedTables(lake.tables, state);
  return {
    version: state.version,
    facts: state.meta,
    tables,
    positions: () => state.positions,
    written: () => writtenTables(state),
    keptPages: (resource) => keptPages({ store, tables }, resource),
    async heldColumns() {
      if (state.files.size === 0) return new Map();
      const scratchDir = await makeOwnFolder(tmpdir());
      const duck = await openDuck({ scratchDir });
      try {
        return await heldColumns({ store, tables, state, duck });
      } finally {
        duck.close();
        await rm(scratchDir, { recursive: true, force: true });
      }
    },
  };
}
