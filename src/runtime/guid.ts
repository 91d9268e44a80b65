const GUID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

export const isGuid = (id: string): boolean => GUID.test(id);
