import type { Notification } from '../../messages/types.ts';
import { storedJson } from '../../outbox/stored-json.ts';
import { type StateChange, type StateKind, stateKinds } from '../../router/groups/state-change.ts';
import { digest } from '../../router/notification.ts';
import type { RouterState } from '../../router/router.ts';
import type { SenderState, StoredRow } from './sender-state.ts';
import { type StateValues, stateValue } from './state-schema.ts';

/** What rows say, and those of which nothing can be made. */
export interface ReadState extends Pick<SenderState, 'router' | 'silences'> {
  readonly damaged: readonly StoredRow[];
}

type Found<K extends StateKind> = readonly { readonly row: StoredRow; readonly value: StateValues[K] }[];

/**
 * Makes one state of its rows. A damaged row is left out, and so is an alert whose group is not there: nobody knows when
 * it would be said, or to whom. A kind of a later release is left alone.
 */
export function readState(rows: readonly StoredRow[]): ReadState {
  const damaged: StoredRow[] = [];
  const of = <K extends StateKind>(kind: K): Found<K> =>
    rows
      .filter((row) => row.kind === kind)
      .flatMap((row) => {
        const value = stateValue(kind, storedJson(row.value)?.value);
        if (value === undefined) damaged.push(row);
        return value === undefined ? [] : [{ row, value }];
      });
  const heads = of('group');
  const alerts = new Map<string, Notification[]>(heads.map(({ value }) => [digest([value.key]), []]));
  for (const { row, value } of of('alert')) {
    const members = alerts.get(value.group);
    if (members) members.push(value.notification);
    else damaged.push(row);
  }
  const groups = heads.map(({ value: head }) => ({
    ...head,
    notifications: alerts.get(digest([head.key]))!.sort((a, b) => a.startsAt - b.startsAt),
  }));
  const values = <K extends StateKind>(kind: K): StateValues[K][] => of(kind).map(({ value }) => value);
  return {
    router: { groups, sources: values('source'), forwarded: values('forwarded') },
    silences: values('silence'),
    damaged,
  };
}

/** Rows of which nothing can be made stand under another kind from now on, as they are: nobody reads them again. */
export const setAside = (damaged: readonly StoredRow[]): StateChange[] =>
  damaged.flatMap(({ kind, key, value }) => [
    ...(isStateKind(kind) ? [{ kind, key, value: undefined }] : []),
    { kind: 'damaged' as const, key: `${kind} ${key}`, value },
  ]);

const isStateKind = (kind: string): kind is StateKind => (stateKinds as readonly string[]).includes(kind);

/** The rows of a state that an earlier release stored as one value; those of a damaged one, as far as they go. */
export function rowsOf(whole: unknown): StateChange[] {
  const { router, silences } = record(whole);
  return [
    ...routerRows(record(router)),
    ...list(silences).map((one) => ({ kind: 'silence' as const, key: keyOf(one, 'id'), value: one })),
  ];
}

function routerRows({ groups, sources }: Partial<Record<keyof RouterState, unknown>>): StateChange[] {
  return [
    ...list(groups).flatMap((group) => {
      const { notifications, ...head } = record(group);
      const id = digest([head['key']]);
      const alerts = list(notifications).map((notification) => ({
        kind: 'alert' as const,
        key: digest([head['key'], record(notification)['fingerprint']]),
        value: { group: id, notification },
      }));
      return [{ kind: 'group' as const, key: id, value: head }, ...alerts];
    }),
    ...list(sources).map((value) => {
      const { tenant, fingerprint } = record(value);
      return { kind: 'source' as const, key: digest([JSON.stringify([tenant, fingerprint])]), value };
    }),
  ];
}

const record = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const keyOf = (value: unknown, name: string): string => {
  const key = record(value)[name];
  return typeof key === 'string' ? key : digest([value]);
};
