/** Where a message of the outbox goes: a receiver, of a tenant where there are several. */
export interface DestinationName {
  readonly tenant?: string | undefined;
  readonly receiver: string;
}

/** What the outbox calls it. Names of receivers hold no slash, as the configuration checks; those of tenants may. */
export const destinationName = ({ tenant, receiver }: DestinationName): string =>
  tenant === undefined ? receiver : `${tenant}/${receiver}`;

/** The destination that a name of the outbox says. */
export function readDestinationName(name: string): DestinationName {
  const slash = name.lastIndexOf('/');
  return slash < 0 ? { receiver: name } : { tenant: name.slice(0, slash), receiver: name.slice(slash + 1) };
}
