/** A seeded source of uniform numbers in [0, 1). */
export type Random = () => number;

export function pick<T>(random: Random, items: readonly T[]): T {
  return items[Math.floor(random() * items.length)]!;
}

/** A whole number from `low` to `high`, both included. */
export function between(random: Random, low: number, high: number): number {
  return low + Math.floor(random() * (high - low + 1));
}

/** `count` different items, in no order; all of them when there are fewer. */
export function sample<T>(random: Random, items: readonly T[], count: number): T[] {
  if (count >= items.length) return [...items];
  const chosen = new Set<number>();
  while (chosen.size < count) chosen.add(Math.floor(random() * items.length));
  return [...chosen].map((index) => items[index]!);
}

export function hex(random: Random, digits: number): string {
  let text = '';
  while (text.length < digits) {
    text += Math.floor(random() * 0x1_0000_0000)
      .toString(16)
      .padStart(8, '0');
  }
  return text.slice(0, digits);
}

/** A version 4 UUID. */
export function guid(random: Random): string {
  const text = hex(random, 32);
  const variant = '89ab'[Math.floor(random() * 4)]!;
  return `${text.slice(0, 8)}-${text.slice(8, 12)}-4${text.slice(13, 16)}-${variant}${text.slice(17, 20)}-${text.slice(20)}`;
}

/** A value from a distribution given as (share, value) points, straight lines on a log scale between them. */
export function quantile(random: Random, points: readonly (readonly [share: number, value: number])[]): number {
  const share = random();
  let [lowShare, lowValue] = points[0]!;
  for (const [highShare, highValue] of points) {
    if (share <= highShare && highShare > lowShare) {
      const way = (share - lowShare) / (highShare - lowShare);
      return Math.exp(Math.log(lowValue) + way * Math.log(highValue / lowValue));
    }
    lowShare = highShare;
    lowValue = highValue;
  }
  return lowValue;
}
