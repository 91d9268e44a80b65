/** Whether a key stays inside the store, on every system. */
export function isKey(key: string): boolean {
  const parts = key.split('/');
  return parts.every((part) => part !== '' && part !== '.' && part !== '..' && !/[\\:\0]/.test(part));
}
