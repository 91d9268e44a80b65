import { clientError } from '../errors/client-rules.ts';
import { SluiceError } from '../errors/sluice-error.ts';

/** A list or a time range changed faster than it could be read. */
export function movingTooFast(route: string, partition: string): SluiceError {
  return new SluiceError({
    code: 'moving_too_fast',
    recovery: 'retry',
    surface: 'graph',
    message: `[GET ${route}] Messages of ${partition} changed faster than they could be read.`,
    hint: 'What was read is kept; the next run goes on.',
    request: { method: 'GET', route },
  });
}

/** Older rows lack a column: it came after they were read. */
export function columnNotFilled(table: string, column: string, partitions: number): SluiceError {
  return new SluiceError({
    code: 'column_not_filled',
    recovery: 'user_action',
    surface: 'lake',
    message: `Column ${column} of ${table} came after ${partitionsOf(partitions)} had been read; rows of before lack it.`,
    hint: `\`sluice refresh ${table}\` reads them again; \`sluice refresh ${table} --dry-run\` says what that costs.`,
    details: { table, column, partitions },
  });
}

/** Older pages were read without a table: it came after they were read. */
export function tableNotFilled(table: string, partitions: number): SluiceError {
  return new SluiceError({
    code: 'table_not_filled',
    recovery: 'user_action',
    surface: 'lake',
    message: `Table ${table} came after ${partitionsOf(partitions)} had been read; it lacks what they held before.`,
    hint: `\`sluice refresh ${table}\` reads them again; \`sluice refresh ${table} --dry-run\` says what that costs.`,
    details: { table, partitions },
  });
}

const partitionsOf = (count: number) => (count === 1 ? '1 partition' : `${count} partitions`);

/** A record of a page is no JSON: the page is landed without it. */
export function recordLost(route: string): SluiceError {
  return clientError('page_invalid', { method: 'GET', route }, { surface: 'graph' });
}

/** A history that begins in the future, or at no time at all. */
export function sinceInTheFuture(sinceMs: number): SluiceError {
  const at = Math.abs(sinceMs) <= 8.64e15 ? new Date(sinceMs).toISOString() : String(sinceMs);
  return new SluiceError({
    code: 'since_in_the_future',
    recovery: 'user_action',
    surface: 'config',
    message: `sinceMs: ${at} lies in the future, or is no time: no message would ever be read.`,
    hint: 'Give a time that has passed, in milliseconds since 1970.',
  });
}
