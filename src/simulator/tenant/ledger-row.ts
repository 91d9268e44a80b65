/** One row of truth: the key columns of its table and when it last changed. */
export type LedgerRow = Readonly<Record<string, string | number | null>>;
