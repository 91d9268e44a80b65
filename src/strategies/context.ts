import type { Page } from '../graph/types.ts';
import type { PageContext, RawPage } from '../lake/types.ts';
import { instant, type ListPosition, type RangesPosition, storedPosition } from './position.ts';
import { partitionName } from './position-key.ts';
import type { Place, ReadContext, Subject, Way } from './strategy.ts';

/** A place with what its messages' position says. */
export interface Partition<Position> {
  readonly key: string;
  /** Where its position is stored. Default: under its key. */
  readonly storedAs?: string | undefined;
  /** Ids of the place, by the names that routes give them. */
  readonly ids: Readonly<Record<string, string>>;
  readonly position: Position;
  /** An earlier run landed messages of it, or of what it is below, by whatever strategy. */
  readonly readBefore?: boolean | undefined;
}

/** The messages below one place, read by export, and where reading stands. */
export type RangesPartition = Partition<RangesPosition>;

/** The messages of one place, read by its list, and where reading stands. */
export type ListPartition = Partition<ListPosition>;

/** What a place is called in positions and outcomes. */
export const partitionOf = ({ kind, path }: Place): string => partitionName(kind, ...path);

/** What a place is called where listings of the lake name it. */
export const listingName = ({ path }: Pick<Place, 'path'>): string => (path.length > 0 ? path.join('/') : 'tenant');

/** The ids of a listing's name, from the top. */
export const pathOfListing = (name: string): readonly string[] => name.split('/');

/** The list that reads what another way leaves out; without one, the way itself. */
export const listOf = ({ ways, way }: Pick<Subject, 'ways' | 'way'>): Way =>
  ways.find(({ strategy }) => strategy.standsIn) ?? way;

/** The export that reads what no delta of many places gives; without one, the way itself. */
export const exportOf = ({ ways, way }: Pick<Subject, 'ways' | 'way'>): Way =>
  ways.find(({ strategy }) => strategy.isPacked && !strategy.isRound) ?? way;

/** Facts about a page that its bytes do not tell: `team-id` is `team_id` in a row. */
export function pageContext(
  ids: Readonly<Record<string, string>>,
  page: Page,
  { since, until }: Pick<PageContext, 'since' | 'until'> = {},
): PageContext {
  const known = Object.entries(ids).map(([name, id]) => [name.replaceAll('-', '_'), id]);
  return { ...Object.fromEntries(known), since, until, fetchedAt: instant(page.receivedAtMs) };
}

/** One list of many places has roots and replies alike. */
export const FLAT = { nested: false };

/**
 * @param options.nested - false: the listing gives replies as records of their own, never inside their root
 * @param options.since - what was last changed before it is not landed, though the page holds it
 */
export async function landPage(
  { load, resource, untilMs }: Pick<ReadContext, 'load' | 'resource' | 'untilMs'>,
  { key, ids, readBefore }: Pick<ListPartition, 'key' | 'ids' | 'readBefore'>,
  page: Page,
  { since, ...options }: Pick<RawPage, 'nested'> & { readonly since?: string | undefined } = {},
): Promise<void> {
  const context = pageContext(ids, page, { since, until: untilMs === undefined ? undefined : instant(untilMs) });
  await load.append({ resource, partition: key, context, bytes: page.bytes, readBefore, ...options });
}

export function advance(
  { load, resource }: Pick<ReadContext, 'load' | 'resource'>,
  { key, storedAs = key }: Pick<Partition<unknown>, 'key' | 'storedAs'>,
  position: RangesPosition | ListPosition,
): void {
  load.advance(resource, storedAs, storedPosition(position));
}
