import { type DamagedRow, damagedKinds } from '../../outbox/types.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';

/** Keys told of each kind; the rest is counted. */
const MAX_KEYS = 10;

/** A key may be damaged too, and hold anything: then it is not told. */
const TELLABLE = /^[\w.~|/: -]{1,200}$/;

/** Says in log and metric which rows could not be read: their kind and key, never what stands in them. */
export function tellDamaged(rows: readonly DamagedRow[], telemetry: Telemetry): void {
  for (const kind of damagedKinds) {
    const keys = rows.filter((row) => row.kind === kind).map(({ key }) => (TELLABLE.test(key) ? key : 'unreadable'));
    if (keys.length === 0) continue;
    telemetry.count('sluice.store.damaged', keys.length, { kind });
    telemetry.log('store.damaged', { kind, count: keys.length, keys: keys.slice(0, MAX_KEYS) });
  }
}
