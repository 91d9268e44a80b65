import { activityMs, type Chain } from './message-times.ts';

/** Chains at the end of a page that say how far down it goes: one alone may show an odd time. */
const WITNESSES = 3;

const timesOf = (chains: readonly Chain[]): number[] => chains.map(activityMs).filter((ms) => !Number.isNaN(ms));

/**
 * Down to when a list was read at the end of a page, ms: what stands below is no newer. Undefined when nothing says so.
 *
 * @param hidden - chains that show less than what they are ordered by: a reply that the page hides puts them there
 */
export function endMs(chains: readonly Chain[], hidden: ReadonlySet<unknown>): number | undefined {
  const witnesses = timesOf(chains.filter(({ id }) => !hidden.has(id))).slice(-WITNESSES);
  const fromNewest = witnesses.sort((a, b) => b - a);
  return fromNewest[Math.floor((fromNewest.length - 1) / 2)];
}

/** True when some chain of the page may lie at or below the instant: the list goes from new to old. */
export function reachesDownTo(chains: readonly Chain[], toMs: number | undefined): boolean {
  const times = timesOf(chains);
  return toMs === undefined || times.length === 0 || Math.min(...times) <= toMs;
}

/** The chains at the beginning that hide replies. */
export function leading(chains: readonly Chain[], hidden: ReadonlySet<unknown>): string[] {
  const end = chains.findIndex(({ id }) => !hidden.has(id));
  return (end < 0 ? chains : chains.slice(0, end)).map(({ id }) => String(id));
}
