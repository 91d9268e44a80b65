/** A GUID in any casing, as a pattern that JavaScript and DuckDB (RE2) read alike. */
export const GUID = '[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}';

const WHOLE = new RegExp(`^${GUID}$`);

export const isGuid = (id: string): boolean => WHOLE.test(id);
