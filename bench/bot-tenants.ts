/** Tenants of the benchmark: each has the published window of an app to itself. */
export const TENANTS = 1_000;

export const tenantOf = (index: number): string => `22222222-2222-4222-8222-${String(index).padStart(12, '0')}`;
