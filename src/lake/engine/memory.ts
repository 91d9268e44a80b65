import { readFile } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';
import { type MemoryBound, storeErrors } from '../store-errors.ts';

/** What this process may use, bytes. */
export interface Memory {
  /** Of the machine, or of the container when that has less. */
  readonly totalBytes: number;
  /** What JavaScript may use of it. */
  readonly heapBytes: number;
  /** What it may map (`ulimit -v`); undefined: all it wants. */
  readonly addressSpaceBytes?: number | undefined;
}

const MEGABYTE = 1024 * 1024;
const GIGABYTE = 1024 * MEGABYTE;

/**
 * With less, a sync of the smallest tenant was killed or Node gave up, measured on Linux x64 with Node 20: it holds 200 MB,
 * of which 28 MB are old heap (Node counts 48 MB more than `--max-old-space-size` says). Of address space WebAssembly
 * alone, which Node's HTTP parser is, reserves ten gigabytes, and takes none of them.
 */
const LEAST: Readonly<Record<MemoryBound, number>> = {
  memory: 256 * MEGABYTE,
  'JavaScript heap': 76 * MEGABYTE,
  'address space': 20 * GIGABYTE,
};

/** DuckDB takes as much when there is plenty, and half of what there is where there is little. */
const MOST_DUCK_MEGABYTES = 1000;

/**
 * What the system says: the limit of the container (cgroups 1 and 2), the machine, Node's own limit, and on Linux that of
 * the address space.
 *
 * @see https://nodejs.org/api/process.html#processconstrainedmemory
 * @see https://man7.org/linux/man-pages/man5/proc_pid_limits.5.html
 */
export async function systemMemory(): Promise<Memory> {
  const container = process.constrainedMemory();
  const limits = await readFile('/proc/self/limits', 'utf8').catch(() => '');
  const addressSpace = /^Max address space\s+(\d+)/m.exec(limits)?.[1];
  return {
    // Without a limit it is 0, or more than any machine has.
    totalBytes: container > 0 ? Math.min(container, totalmem()) : totalmem(),
    heapBytes: getHeapStatistics().heap_size_limit,
    addressSpaceBytes: addressSpace === undefined ? undefined : Number(addressSpace),
  };
}

/** Without these Node gives up while it loads a command, in words of its own. */
export const BOUNDS_OF_LOADING: readonly MemoryBound[] = ['JavaScript heap', 'address space'];
const ALL_BOUNDS: readonly MemoryBound[] = ['memory', ...BOUNDS_OF_LOADING];

/**
 * Refuses to begin where there is too little memory: the process would be killed, or fail, in the middle of its work.
 *
 * @throws SluiceError `memory_too_small`
 */
export function checkMemory({ totalBytes, heapBytes, addressSpaceBytes }: Memory, bounds = ALL_BOUNDS): void {
  const found = { memory: totalBytes, 'JavaScript heap': heapBytes, 'address space': addressSpaceBytes };
  for (const bound of bounds) {
    const bytes = found[bound];
    const leastBytes = LEAST[bound];
    if (bytes === undefined || bytes >= leastBytes) continue;
    const inMegabytes = (of: number) => Math.floor(of / MEGABYTE);
    throw storeErrors.memory_too_small({
      found: { bound, megabytes: inMegabytes(bytes), leastMegabytes: inMegabytes(leastBytes) },
    });
  }
}

/** How much of it DuckDB may use, as it is told. */
export const duckMemory = ({ totalBytes }: Memory): string =>
  `${Math.min(MOST_DUCK_MEGABYTES, Math.floor(totalBytes / 2 / 1e6))}MB`;
