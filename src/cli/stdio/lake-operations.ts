import * as feed from '../../lake/feed/feed.ts';
import { checkOffset, type FeedOffset, offsetAtEnd, offsetAtStart } from '../../lake/feed/offset.ts';
import { type ExportSource, readSource } from '../../lake/feed/source.ts';
import { tenantUseErrors } from '../../lake/log/tenant-errors.ts';
import type { TableShape } from '../../schema/column.ts';
import { canonicalId } from '../../schema/guid.ts';
import { tables } from '../../tables/index.generated.ts';
import { existing, lakeAt } from '../lake.ts';
import { lakeSettings } from '../lake-settings.ts';
import { chosenTables } from '../options.ts';
import { lakesOf } from '../tenants.ts';
import type { Working } from './working.ts';

interface Part {
  readonly table: string;
  readonly from: FeedOffset;
  readonly to: FeedOffset;
}

/** A stream may begin before there is a lake. */
const isStart = ({ lake, version }: FeedOffset): boolean => lake === '' && version === 0;

/** Where the changes begin and end. With an offset, whether one can go on from it. */
export async function position({ offset }: { readonly offset: FeedOffset | undefined }, working: Working) {
  const source = await sourceOf(working);
  const start = offset === undefined || isStart(offset) ? offsetAtStart(source) : offset;
  checkOffset(source, start);
  return { start, end: offsetAtEnd(source, start) };
}

export async function stops(asked: Part & { readonly changes: number }, working: Working) {
  const { io } = working;
  const options = await optionsOf(working, asked);
  return { stops: await feed.stopsOf(options, { ...asked, table: tableOf(options.source, asked.table) }, io.signal) };
}

export async function changes(
  asked: Part & {
    readonly within: Pick<Part, 'from' | 'to'> | undefined;
    readonly only: 'upsert' | 'delete' | undefined;
  },
  working: Working,
) {
  const options = await optionsOf(working, asked);
  return feed.writeChanges(options, { ...asked, table: tableOf(options.source, asked.table) }, working.io.signal);
}

export async function parts(asked: { readonly table: string }, working: Working) {
  const source = await sourceOf(working);
  const { files } = await feed.standingParts(source, tableOf(source, asked.table), working.io.signal);
  return { position: offsetAtEnd(source, offsetAtStart(source)), files: files ?? null };
}

export async function fetch({ keys }: { readonly keys: readonly string[] }, working: Working) {
  return feed.fetchedFiles(await optionsOf(working), { keys }, working.io.signal);
}

export async function snapshot(asked: { readonly table: string }, working: Working) {
  const options = await optionsOf(working);
  return feed.writeRows(options, tableOf(options.source, asked.table), working.io.signal);
}

async function optionsOf(working: Working, range?: Pick<Part, 'from' | 'to'>): Promise<feed.FeedOptions> {
  const source = await sourceOf(working);
  const offsets = range ? [range.from, range.to] : [];
  for (const one of offsets) if (!isStart(one)) checkOffset(source, one);
  return { source, scratchDir: working.opened.scratch };
}

/** As the lake holds it. @throws SluiceError `unknown_table` */
function tableOf(source: ExportSource, name: string): TableShape {
  const [known] = chosenTables([name]);
  return source.tables.find((one) => one.name === known!.name)!;
}

/**
 * The lake of the session, at its newest version; of a lake that holds several tenants, that of the one in the settings.
 *
 * @throws SluiceError `lake_missing`, `tenant_needed`
 */
async function sourceOf({ io }: Working): Promise<ExportSource> {
  const named = await existing(await lakeAt(io, await lakeSettings(io, {})), io.signal);
  const lakes = await lakesOf(named);
  const wanted = canonicalId(io.env['TEAMS_TENANT_ID'] ?? '');
  const lake = lakes.length === 1 ? lakes[0] : lakes.find(({ tenantId }) => tenantId === wanted);
  const tenantIds = lakes.flatMap(({ tenantId }) => tenantId ?? []);
  if (lake === undefined) throw tenantUseErrors.tenant_needed({ what: 'changes', tenantIds });
  return readSource(lake.store, tables, io.signal);
}
