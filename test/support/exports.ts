import { join } from 'node:path';
import { type ExportFormat, type ExportOptions, exportLake } from '../../src/lake/export/export.ts';
import type { ExportReport } from '../../src/lake/export/report.ts';
import { fileStore } from '../../src/lake/stores/file.ts';
import { systemRuntime } from '../../src/runtime/runtime.ts';
import { tables } from '../../src/tables/index.generated.ts';

/** Exports the lake `lake` of a folder into its folder `out`, with everything a test may want to replace. */
export function exportTestLake(
  folder: string,
  format: ExportFormat,
  options: Partial<ExportOptions> = {},
): Promise<ExportReport> {
  const declared = options.tables ?? tables;
  return exportLake({
    store: fileStore(join(folder, 'lake')),
    tables: declared,
    names: declared.map(({ name }) => name),
    format,
    to: fileStore(join(folder, 'out')),
    runtime: systemRuntime,
    scratchDir: join(folder, 'export-scratch'),
    ...options,
  });
}
