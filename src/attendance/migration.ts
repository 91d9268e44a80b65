import type { GraphClient } from '../graph/types.ts';
import { positionKey } from '../lake/log/partition-key.ts';
import type { Lake, PartitionKey, Position } from '../lake/types.ts';
import { events } from '../resources/events.ts';
import { resources } from '../resources/index.ts';
import { pathTo } from '../resources/types.ts';
import { users } from '../resources/users.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { partitionOf } from '../strategies/context.ts';
import { instant } from '../strategies/position.ts';
import { idsOfNames } from '../sync/by-name.ts';
import { declaredFact } from '../sync/declared.ts';
import { sourceFact } from '../sync/lake-source.ts';
import { placeBelow, tenantPlace } from '../sync/tree.ts';
import { type CheckpointFile, checkUnchanged, readCheckpoint } from './checkpoint.ts';

/** The fact of a lake that says that the checkpoint of the original job was taken over, and what it said. */
const FACT = 'attendance_checkpoint';

/** The original job looked so far back in its first run. */
const READ_BEFORE_MS = 30 * 86_400_000;

export interface TakeOver {
  readonly lake: Pick<Lake, 'facts' | 'note' | 'positions' | 'tables' | 'version'>;
  readonly graph: GraphClient;
  readonly runtime: Pick<Runtime, 'now'>;
  /** Sign-in names or ids. Undefined: everybody. */
  readonly users: readonly string[] | undefined;
  readonly checkpoint: CheckpointFile;
}

/**
 * Makes the checkpoint of the original job, which is one for all accounts, the position of each that has none, in one
 * commit: its calendar is read from there. Done once; the file stays as it is.
 *
 * @returns what was done, for people; undefined: nothing was to be done
 * @throws SluiceError `checkpoint_unreadable`, `checkpoint_changed`
 */
export async function takeOver(
  { lake, graph, runtime, users: names, checkpoint }: TakeOver,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (FACT in lake.facts) return undefined;
  const found = await readCheckpoint(checkpoint, runtime.now(), signal);
  if (found === undefined) return undefined;
  const through = instant(found.throughMs);
  if (names === undefined)
    return `The checkpoint of the original job (${through}) is of named accounts: with everybody, each begins with its first window.`;
  const { names: byId } = await idsOfNames(graph, { users: names }, signal);
  const positions = positionsFrom(found.throughMs, byId.users ?? [], lake.positions());
  await checkUnchanged(checkpoint, found, signal);
  const source = await graph.source?.(signal);
  // An empty lake says whose it is with what comes first.
  const ofSource = source === undefined ? {} : sourceFact(source);
  const first = lake.version === 0 ? { ...ofSource, ...declaredFact(lake.tables) } : {};
  await lake.note({ ...first, [FACT]: { through } }, positions);
  return `The checkpoint of the original job was taken over: ${byId.users?.length} account(s) begin at ${through}.`;
}

/** As if everything in the calendars up to there had been read. */
function positionsFrom(
  throughMs: number,
  ids: readonly string[],
  standing: ReadonlyMap<PartitionKey, Position>,
): Readonly<Record<PartitionKey, Position>> {
  const ofCalendars = resources.filter((resource) => pathTo(resource).includes(events));
  const position: Position = {
    version: 1,
    through: instant(throughMs),
    since: instant(throughMs - READ_BEFORE_MS),
  };
  const entries = ids.flatMap((id) => {
    const at = partitionOf(placeBelow(tenantPlace, users, { id }));
    const keys = ofCalendars.map(({ name }) => positionKey(name, at));
    const isRead = keys.some((key) => standing.has(key));
    return isRead ? [] : keys.map((key) => [key, position] as const);
  });
  return Object.fromEntries(entries);
}
