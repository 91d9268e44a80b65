/** True for what DuckDB or Node says when there is no more memory to have. */
export function isOutOfMemory(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('code' in error && (error.code === 'ENOMEM' || error.code === 'ERR_MEMORY_ALLOCATION_FAILED')) return true;
  // Other messages may quote what somebody wrote.
  const isNode = error instanceof RangeError && /\bout of memory\b|allocation failed/i.test(error.message);
  return isNode || /^Out of Memory Error:/.test(error.message);
}
