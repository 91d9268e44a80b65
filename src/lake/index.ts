export { type OpenLakeOptions, openLake } from './lake.ts';
export type { ObjectStore } from './object-store.ts';
export { type LakeReader, openReader, type QueryResult, queryLake } from './query.ts';
export { fileStore } from './stores/file.ts';
export { type TenantLake, tellSeveralTenants, tenantLake, tenantLakes } from './tenants.ts';
export type {
  Commit,
  CompactionReport,
  Lake,
  Load,
  LoadOptions,
  PageContext,
  Position,
  RawPage,
  TableCounts,
} from './types.ts';
