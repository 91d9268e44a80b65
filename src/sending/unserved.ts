import type { OutboxStats } from '../outbox/types.ts';

/** Messages that wait for a notifier which the configuration does not name: nobody will deliver them. */
export interface Unserved {
  readonly notifier: string;
  readonly messages: number;
}

/** @param notifiers - names of those that there are */
export function unservedIn(
  { openByNotifier }: Pick<OutboxStats, 'openByNotifier'>,
  notifiers: readonly string[],
): Unserved[] {
  const open = Object.entries(openByNotifier).map(([notifier, messages]) => ({ notifier, messages }));
  return open.filter(({ notifier }) => !notifiers.includes(notifier));
}
