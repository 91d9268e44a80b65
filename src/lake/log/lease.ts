import { type LeaseHolder, lakeErrors } from '../errors.ts';
import type { ObjectStore } from '../stores/object-store.ts';
import type { LeaseHost } from './lease-host.ts';
import type { Beat, LeaseRecord } from './lease-record.ts';
import { parseBeat, parseLease } from './lease-record.ts';

/** A holder that is not heard of for this long, on the clock of whoever waits, has lost the lease. */
export const LEASE_TTL_MS = 30_000;
const BEAT_EVERY_MS = 5_000;
const POLL_MS = 500;
const PREFIX = '_lease/';

const numbered = (lease: number) => `${PREFIX}${String(lease).padStart(10, '0')}`;
const leaseKey = (lease: number) => `${numbered(lease)}.json`;
const beatKey = (lease: number) => `${numbered(lease)}.beat.json`;

export interface LeaseOptions {
  readonly store: ObjectStore;
  readonly host: LeaseHost;
  readonly id: string;
  readonly purpose: string;
  /** Wall clock, for messages. */
  readonly now: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** How long to wait for another holder, ms. 0: not at all. */
  readonly waitMs: number;
  /** Holders with these purposes are waited for in any case: their work is short. */
  readonly yieldsTo?: readonly string[] | undefined;
  /** Called once when another holder is waited for; undefined: its lease cannot be read. */
  readonly onWait?: ((holder: LeaseHolder | undefined) => void) | undefined;
}

/** The right to write a lake, held by one process at a time. */
export interface Lease {
  /** Grows with every holder: commits carry it, and the log fences earlier ones off. */
  readonly number: number;
  /** Holders before that had not ended (they died, or stand still): the log must fence them off. */
  readonly isTakeover: boolean;
  /** Ids of the holders before whose scratch folders may still be there. */
  readonly ended: readonly string[];
  /** @throws SluiceError `lake_conflict` when another process took over */
  check(): Promise<void>;
  /** Ends it. `trace: false`: nothing was written under it, and nothing is left of it. */
  release(options?: { readonly trace: boolean }): Promise<void>;
}

/**
 * Takes the lease of a lake: creates the record with the next number, which only one can. No clock of one host is compared
 * with that of another. A holder is alive while its beats change; within one boot its monotonic clock tells at once, in one
 * pid space its process does. A record that cannot be read is one of another boot.
 *
 * @throws SluiceError `lake_busy`
 */
export async function takeLease(options: LeaseOptions, signal?: AbortSignal): Promise<Lease> {
  const { store, host, waitMs, yieldsTo = [] } = options;
  const startedMs = host.monotonicMs();
  const watch = new HolderWatch(host);
  let told = false;
  /** The last number that was tried. */
  let tried = 0;
  for (;;) {
    signal?.throwIfAborted();
    const found = await newestLease(store, signal);
    const standing = found ? watch.judge(found) : { is: 'over' as const };
    if (standing.is === 'over') {
      // A number that was tried and is nobody's is the name of something else.
      tried = Math.max(found?.number ?? 0, tried) + 1;
      const lease = await createLease(options, { found, number: tried }, signal);
      if (lease) return lease;
      continue;
    }
    if (standing.is === 'alive') {
      const { record } = found!;
      const isPatient = (record && yieldsTo.includes(record.purpose)) || host.monotonicMs() - startedMs < waitMs;
      if (!isPatient)
        throw lakeErrors.lake_busy({
          lake: store.description,
          holder: record && holderOf(record),
          until: new Date(options.now() + LEASE_TTL_MS).toISOString(),
        });
      if (!told) options.onWait?.(record && holderOf(record));
      told = true;
    }
    await options.sleep(POLL_MS, signal);
  }
}

/** Who may write a lake at present. `unsure`: on another host, and not heard of while it was listened to. */
export interface WriterStanding {
  readonly is: 'nobody' | 'alive' | 'unsure';
  readonly holder?: LeaseHolder | undefined;
}

/** Looks who writes a lake, and takes nothing. A holder on another host is listened to for a little longer than a beat. */
export async function currentWriter(
  options: Pick<LeaseOptions, 'store' | 'host' | 'sleep'>,
  signal?: AbortSignal,
): Promise<WriterStanding> {
  const watch = new HolderWatch(options.host);
  const startedMs = options.host.monotonicMs();
  for (;;) {
    const found = await newestLease(options.store, signal);
    const { is } = found ? watch.judge(found) : { is: 'over' as const };
    if (is === 'over' || !found) return { is: 'nobody' };
    const isHeard = options.host.monotonicMs() - startedMs > BEAT_EVERY_MS + 2 * POLL_MS;
    if (is === 'alive' || isHeard) return { is, holder: found.record && holderOf(found.record) };
    await options.sleep(POLL_MS, signal);
  }
}

type Standing = { readonly is: 'over' | 'alive' | 'unsure' };

interface FoundLease {
  readonly number: number;
  /** Undefined: it cannot be read. */
  readonly record: LeaseRecord | undefined;
  readonly beat: Beat | undefined;
  readonly older: readonly number[];
}

/** Whether the holder lives. From another boot that takes time: a beat must come, or not come for the length of a lease. */
class HolderWatch {
  readonly #host: LeaseHost;
  #seen: { readonly beat: string; readonly atMs: number; readonly moved: boolean } | undefined;

  constructor(host: LeaseHost) {
    this.#host = host;
  }

  judge({ number, record, beat }: FoundLease): Standing {
    if (beat?.ended) return { is: 'over' };
    const mine = this.#host.process;
    const holder = record?.process;
    const isSameBoot = holder?.boot !== undefined && holder.boot === mine.boot;
    const isSameSpace = isSameBoot && holder.pidSpace !== undefined && holder.pidSpace === mine.pidSpace;
    if (isSameSpace && !this.#host.isAlive(holder)) return { is: 'over' };
    if (isSameBoot && beat) {
      return { is: this.#host.monotonicMs() - beat.monotonicMs > LEASE_TTL_MS ? 'over' : 'alive' };
    }
    return this.#watch(`${number}/${beat?.n ?? 0}`);
  }

  #watch(beat: string): Standing {
    const nowMs = this.#host.monotonicMs();
    const before = this.#seen;
    if (!before || before.beat !== beat) {
      this.#seen = { beat, atMs: nowMs, moved: before !== undefined };
      return { is: before ? 'alive' : 'unsure' };
    }
    if (nowMs - before.atMs > LEASE_TTL_MS) return { is: 'over' };
    return { is: before.moved ? 'alive' : 'unsure' };
  }
}

async function newestLease(store: ObjectStore, signal?: AbortSignal): Promise<FoundLease | undefined> {
  const numbers: number[] = [];
  for await (const { key } of store.list(PREFIX, {}, signal)) {
    const lease = Number(key.slice(PREFIX.length, PREFIX.length + 10));
    if (Number.isSafeInteger(lease) && key === leaseKey(lease)) numbers.push(lease);
  }
  const newest = numbers.at(-1);
  if (newest === undefined) return undefined;
  const bytes = await store.get(leaseKey(newest), signal);
  // It may just have been removed by a holder that is newer still.
  if (!bytes) return newestLease(store, signal);
  const beat = await store.get(beatKey(newest), signal);
  return {
    number: newest,
    record: parseLease(bytes.bytes),
    beat: beat && parseBeat(beat.bytes),
    older: numbers.slice(0, -1),
  };
}

async function createLease(
  options: LeaseOptions,
  { found: before, number }: { readonly found: FoundLease | undefined; readonly number: number },
  signal?: AbortSignal,
): Promise<Lease | undefined> {
  const { store, host, id, purpose } = options;
  const since = new Date(options.now()).toISOString();
  const record: LeaseRecord = { lease: number, id, purpose, since, process: host.process };
  if (!(await store.putIfAbsent(leaseKey(number), Buffer.from(JSON.stringify(record)), signal))) return undefined;
  const newest = await newestLease(store, signal);
  if (newest && newest.number > number) {
    // Created where a number was removed meanwhile: a newer holder is there.
    await store.delete([leaseKey(number)], signal);
    return undefined;
  }
  const beats = await startBeats(options, number);
  const ended: string[] = [];
  for (const older of newest?.older ?? []) {
    const found = await store.get(leaseKey(older), signal);
    const record = found && parseLease(found.bytes);
    if (record) ended.push(record.id);
    await store.delete([beatKey(older), leaseKey(older)], signal);
  }
  return {
    number,
    isTakeover: before?.beat?.ended !== true,
    ended,
    check: () => checkHeld(store, number),
    async release({ trace } = { trace: true }) {
      await beats.end();
      if (!trace) await store.delete([beatKey(number), leaseKey(number)]).catch(() => undefined);
    },
  };
}

/** @throws SluiceError `lake_conflict` */
async function checkHeld(store: ObjectStore, number: number): Promise<void> {
  const [mine, next] = await Promise.all([store.size(leaseKey(number)), store.size(leaseKey(number + 1))]);
  if (mine !== undefined && next === undefined) return;
  const newest = await newestLease(store);
  throw lakeErrors.lease_lost({ lake: store.description, holder: newest?.record && holderOf(newest.record) });
}

async function startBeats({ store, host }: LeaseOptions, number: number): Promise<{ end(): Promise<void> }> {
  let n = 0;
  const beat = async (ended: boolean) => {
    n += 1;
    const value: Beat = { n, monotonicMs: host.monotonicMs(), ended };
    await store.put(beatKey(number), Buffer.from(JSON.stringify(value)));
  };
  await beat(false);
  let last: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => {
    // A beat that cannot be written is one that others do not see: the log fences this holder off if it comes to that.
    last = last.then(() => beat(false)).catch(() => undefined);
  }, BEAT_EVERY_MS).unref();
  return {
    async end() {
      clearInterval(timer);
      await last;
      // A store that fails now ends the lease by itself: nobody is heard of.
      await beat(true).catch(() => undefined);
    },
  };
}

const holderOf = ({ purpose, since, process: { host, pid } }: LeaseRecord) => ({ host, pid, purpose, since });
