import { exportLake } from '../lake/export/export.ts';
import { systemRuntime } from '../runtime/runtime.ts';
import type { NotExported } from '../sync/report.ts';
import { tables } from '../tables/index.generated.ts';
import { type CommandLake, scratchOf } from './lake.ts';

/** `lake.delta`: brings the Delta tables in the folder of a lake up to what a run has landed. Answers what was not written. */
export const deltaAfter =
  (lake: CommandLake) =>
  async (signal: AbortSignal): Promise<readonly NotExported[]> => {
    const { store } = lake;
    const names = tables.map(({ name }) => name);
    const { notExported } = await exportLake(
      { store, tables, names, format: 'delta', to: store, runtime: systemRuntime, scratchDir: scratchOf(lake) },
      signal,
    );
    return notExported.map(({ table, error: { code, message } }) => ({ table, code, message }));
  };
