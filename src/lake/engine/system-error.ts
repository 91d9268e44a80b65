/** The code of an error of the operating system: `EACCES`, `EIO`; what Node makes of some is `ERR_FS_…`. Undefined: it is another error. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error && 'code' in error)) return undefined;
  const code = String(error.code);
  return 'syscall' in error || /^E[A-Z0-9]+$/.test(code) ? code : undefined;
}
