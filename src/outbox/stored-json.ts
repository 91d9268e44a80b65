/** What a column of JSON holds. Undefined: the row is damaged. One such row must not stop the work on all others. */
export function storedJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}
