import type { LeaseProcess } from './lease-host.ts';

/** What is written once when a lease is taken. */
export interface LeaseRecord {
  readonly lease: number;
  /** Unique; names the scratch folder of the holder. */
  readonly id: string;
  /** `sync`, `compact`. */
  readonly purpose: string;
  /** ISO 8601, by the holder's clock: for people only. */
  readonly since: string;
  readonly process: LeaseProcess;
}

/** What the holder writes again and again. Only the holder of a number writes its beats. */
export interface Beat {
  readonly n: number;
  /** The holder's monotonic clock; means something within one boot only. */
  readonly monotonicMs: number;
  readonly ended: boolean;
}

/** Undefined: it cannot be read. Its number stands in its name all the same, and its beats tell whether its holder lives. */
export function parseLease(bytes: Uint8Array): LeaseRecord | undefined {
  const value = jsonOf(bytes);
  const { process } = value;
  const isWhole =
    Number.isSafeInteger(value['lease']) &&
    typeof value['id'] === 'string' &&
    /^[\w-]{1,100}$/.test(value['id']) &&
    typeof value['purpose'] === 'string' &&
    typeof value['since'] === 'string' &&
    typeof process === 'object' &&
    process !== null &&
    'host' in process &&
    typeof process.host === 'string' &&
    'pid' in process &&
    typeof process.pid === 'number';
  return isWhole ? (value as unknown as LeaseRecord) : undefined;
}

/** A beat that cannot be read is none. */
export function parseBeat(bytes: Uint8Array): Beat | undefined {
  const { n, monotonicMs, ended } = jsonOf(bytes);
  if (typeof n !== 'number' || typeof monotonicMs !== 'number' || typeof ended !== 'boolean') return undefined;
  return { n, monotonicMs, ended };
}

function jsonOf(bytes: Uint8Array): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
