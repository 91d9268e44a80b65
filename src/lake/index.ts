export { type OpenLakeOptions, openLake } from './lake.ts';
export { type TenantLake, tellSeveralTenants, tenantLake, tenantLakes } from './log/tenants.ts';
export { type LakeReader, openReader, type QueryResult, queryLake } from './query/query.ts';
export { fileStore } from './stores/file.ts';
export { openStore, readStoreUrl, type StoreUrl, storeKinds } from './stores/index.ts';
export { memoryStore } from './stores/memory.ts';
export type { ObjectStore } from './stores/object-store.ts';
export type { OpenStoreOptions, StoreKind, StorePlace, StoreSetting } from './stores/store-kind.ts';
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
