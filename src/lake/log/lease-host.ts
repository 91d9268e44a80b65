import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** What a lease says about the process that holds it, so that others can tell whether it still lives. */
export interface LeaseProcess {
  readonly host: string;
  readonly pid: number;
  /** Names one run of one kernel: there all processes share one monotonic clock. Absent where it cannot be known. */
  readonly boot?: string;
  /** Names the space in which `pid` means this process (a container has its own). */
  readonly pidSpace?: string;
  /** Tells a process from a later one with the same number. */
  readonly startedTicks?: string;
}

/** The process that asks: passed in, so that tests can play other hosts and containers. */
export interface LeaseHost {
  readonly process: LeaseProcess;
  /** Milliseconds on a clock that nobody sets; comparable between processes of one boot. */
  monotonicMs(): number;
  /** Whether a process of the own pid space still runs. */
  isAlive(other: LeaseProcess): boolean;
}

/** This process. */
export function systemLeaseHost(): LeaseHost {
  const boot = attempt(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
  const pidSpace = attempt(() => readlinkSync('/proc/self/ns/pid'));
  const startedTicks = startOf(process.pid);
  const mine: LeaseProcess = {
    host: hostname(),
    pid: process.pid,
    ...(boot !== undefined && { boot }),
    ...(pidSpace !== undefined && { pidSpace }),
    ...(startedTicks !== undefined && { startedTicks }),
  };
  return {
    process: mine,
    monotonicMs: () => Number(process.hrtime.bigint() / 1_000_000n),
    isAlive: ({ pid, startedTicks: started }) => {
      const now = startOf(pid);
      if (started !== undefined && now !== undefined) return started === now;
      try {
        return process.kill(pid, 0);
      } catch (error) {
        return error instanceof Error && 'code' in error && error.code === 'EPERM';
      }
    },
  };
}

/** When a process started, in ticks since boot (proc(5): field 22, counted after the name, which may hold blanks). */
function startOf(pid: number): string | undefined {
  const line = attempt(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  return line?.slice(line.lastIndexOf(')') + 2).split(' ')[19];
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
