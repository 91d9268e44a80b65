const HOUR_MS = 3_600_000;
/** How busy an hour of the night or the weekend is, beside an office hour. */
const OFF_HOUR_WEIGHT = 0.06;

/**
 * Lays people's work over a stretch of time: mostly office hours of working days, UTC. The answer turns a share of all
 * the work, in [0, 1), into the moment at which that much is done, epoch ms. A greater share is never an earlier moment,
 * so the same shares keep their order over every calendar.
 */
export function workTimes(startMs: number, endMs: number): (share: number) => number {
  const hours: { beginMs: number; lengthMs: number; before: number; work: number }[] = [];
  let total = 0;
  for (let beginMs = startMs; beginMs < endMs; ) {
    const nextMs = Math.min(endMs, (Math.floor(beginMs / HOUR_MS) + 1) * HOUR_MS);
    const lengthMs = nextMs - beginMs;
    const work = lengthMs * (isOfficeHour(beginMs) ? 1 : OFF_HOUR_WEIGHT);
    hours.push({ beginMs, lengthMs, before: total, work });
    total += work;
    beginMs = nextMs;
  }
  return (share) => {
    const done = share * total;
    let [low, high] = [0, hours.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (hours[middle]!.before <= done) low = middle;
      else high = middle - 1;
    }
    const { beginMs, lengthMs, before, work } = hours[low]!;
    return Math.floor(beginMs + ((done - before) / work) * lengthMs);
  };
}

function isOfficeHour(ms: number): boolean {
  const date = new Date(ms);
  const [day, hour] = [date.getUTCDay(), date.getUTCHours()];
  return day >= 1 && day <= 5 && hour >= 7 && hour < 18;
}
