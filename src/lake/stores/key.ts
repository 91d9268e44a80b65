/** Whether a key stays inside the store, on every system. */
export function isKey(key: string): boolean {
  const parts = key.split('/');
  return parts.every((part) => part !== '' && part !== '.' && part !== '..' && !/[\\:\0]/.test(part));
}

/** Whether a name is one that a lake or an export gives to what it shows in a folder: what else lies there is left alone. */
export const isShownFile = (name: string): boolean => /\.(parquet|ndjson)$/.test(name);
