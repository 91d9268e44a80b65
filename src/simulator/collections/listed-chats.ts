import type { Tenant, TwinChat } from '../tenant/types.ts';

/** Chats that can be listed: somebody with a licence is in them. */
export function* listedChats(tenant: Tenant): Iterable<TwinChat> {
  const licensed = tenant.users().filter(({ isLicensed }) => isLicensed !== false);
  const listed = new Set(licensed.flatMap(({ id }) => tenant.chats.of(id)));
  for (const chat of tenant.chats.all()) if (listed.has(chat)) yield chat;
}

/** Those whose content can be read as well. */
export function* readableChats(tenant: Tenant): Iterable<TwinChat> {
  for (const chat of listedChats(tenant)) if (chat.tenantId === tenant.id) yield chat;
}
