/** More places than any record is listed by. */
const MOST_LISTED_BY = 1_000_000;
const HALVINGS = 60;

/**
 * How many records there are in all, when some of the places that list them were looked at and a record may be listed by
 * several. Each record is taken to be listed by equally many places: the share of them that was met twice tells how many.
 *
 * @param seen.listed - records in the listings that were looked at, counted as often as they are listed
 * @param seen.distinct - the same, each once
 * @param seen.share - how much of all places was looked at
 */
export function distinctInAll(seen: {
  readonly listed: number;
  readonly distinct: number;
  readonly share: number;
}): number {
  const { listed, distinct, share } = seen;
  if (distinct === 0 || share >= 1) return distinct;
  const repeats = listed / distinct;
  const repeatsWhen = (listedBy: number) => (share * listedBy) / (1 - (1 - share) ** listedBy);
  let [low, high] = [1, MOST_LISTED_BY];
  for (let halving = 0; halving < HALVINGS; halving++) {
    const middle = (low + high) / 2;
    if (repeatsWhen(middle) < repeats) low = middle;
    else high = middle;
  }
  return Math.max(distinct, Math.round(listed / share / low));
}
