import { feedErrors } from './errors.ts';
import type { ExportSource } from './source.ts';

/** Where a consumer stands in the changes of a lake. */
export interface FeedOffset {
  /** Which lake: the id of its first commit. Empty: before its first one. */
  readonly lake: string;
  /** Every change up to this commit was read … */
  readonly version: number;
  /** … and of the next one those up to this place. */
  readonly row: number | null;
  /** The least version that one could go on from when the reading began: what was dropped before it was never due. */
  readonly least: number;
}

/** Before the first change. */
export const offsetAtStart = ({ lakeId, state }: ExportSource): FeedOffset => ({
  lake: lakeId,
  version: 0,
  row: null,
  least: state.feedFrom,
});

/** After the last one. */
export const offsetAtEnd = (source: ExportSource, { least }: Pick<FeedOffset, 'least'>): FeedOffset => ({
  lake: source.lakeId,
  version: source.state.version,
  row: null,
  least,
});

/**
 * Looks whether one can go on from an offset without missing a change.
 *
 * @throws SluiceError `full_refresh_needed`
 */
export function checkOffset({ lakeId, state, store }: ExportSource, offset: FeedOffset): void {
  const lake = store.description;
  const refused = (why: string) => feedErrors.full_refresh_needed({ lake, version: offset.version, why });
  if (offset.lake !== lakeId) throw refused('the offset is of another lake');
  if (offset.version > state.version) throw refused(`the lake went back and is at version ${state.version}`);
  if (offset.version < state.feedFrom && state.feedFrom > offset.least)
    throw refused(`changes are kept from version ${state.feedFrom} on`);
}

/** The changes after a place, as a condition over `_commit` and `_row`. */
export const afterSql = ({ version, row }: Pick<FeedOffset, 'version' | 'row'>): string =>
  row === null ? `_commit > ${version}` : `(_commit > ${version + 1} OR (_commit = ${version + 1} AND _row > ${row}))`;

/** Those up to it. */
export const upToSql = ({ version, row }: Pick<FeedOffset, 'version' | 'row'>): string =>
  row === null ? `_commit <= ${version}` : `(_commit <= ${version} OR (_commit = ${version + 1} AND _row <= ${row}))`;
