import { SluiceError } from '../errors/sluice-error.ts';

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
