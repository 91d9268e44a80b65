/** The code of an error that the operating system gave: `EACCES`, `EIO`. Undefined: it is another error. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'syscall' in error && 'code' in error ? String(error.code) : undefined;
}
