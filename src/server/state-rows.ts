import type { Notification } from '../notifiers/types.ts';
import type { ForwardedEntry } from '../router/forwarded.ts';
import type { GroupHead } from '../router/group.ts';
import type { StoredAlert } from '../router/grouper.ts';
import { digest } from '../router/notification.ts';
import type { RouterState } from '../router/router.ts';
import type { Silence } from '../router/silences.ts';
import type { StateChange, StateKind } from '../router/state-change.ts';
import type { SenderState } from './state-store.ts';

/** One row as it is stored. */
export interface StoredRow {
  readonly kind: string;
  readonly value: string;
}

/** Makes one state of its rows. A kind of a later release is left alone. */
export function stateOf(rows: readonly StoredRow[]): Pick<SenderState, 'router' | 'silences'> {
  const of = <T>(kind: StateKind): T[] =>
    rows.filter((row) => row.kind === kind).map(({ value }) => JSON.parse(value) as T);
  const alerts = new Map<string, Notification[]>();
  for (const { group, notification } of of<StoredAlert>('alert')) {
    const known = alerts.get(group);
    if (known) known.push(notification);
    else alerts.set(group, [notification]);
  }
  const groups = of<GroupHead>('group').map((head) => ({
    ...head,
    notifications: (alerts.get(digest([head.key])) ?? []).sort((a, b) => a.startsAt - b.startsAt),
  }));
  return {
    router: { groups, sources: of<Notification>('source'), forwarded: of<ForwardedEntry>('forwarded') },
    silences: of<Silence>('silence'),
  };
}

/** The rows of a state that an earlier release stored as one value. */
export function rowsOf({ router, silences = [] }: SenderState): StateChange[] {
  return [...routerRows(router), ...silences.map((one) => ({ kind: 'silence' as const, key: one.id, value: one }))];
}

function routerRows(router: RouterState | undefined): StateChange[] {
  const groups = (router?.groups ?? []).flatMap(({ notifications, ...head }) => {
    const id = digest([head.key]);
    const alerts = notifications.map((notification) => ({
      kind: 'alert' as const,
      key: digest([head.key, notification.fingerprint]),
      value: { group: id, notification } satisfies StoredAlert,
    }));
    return [{ kind: 'group' as const, key: id, value: head }, ...alerts];
  });
  const sources = (router?.sources ?? []).map((value) => ({
    kind: 'source' as const,
    key: digest([JSON.stringify([value.tenant, value.fingerprint])]),
    value,
  }));
  return [...groups, ...sources];
}
