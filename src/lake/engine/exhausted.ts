import type { SluiceError } from '../../errors/sluice-error.ts';
import { storeErrors } from '../store-errors.ts';
import { isOutOfMemory } from './memory-error.ts';
import { isTooManyOpen } from './open-files-error.ts';

/** What this process has used up, whether the system, Node or DuckDB says so. Undefined: the error is about something else. */
export function exhausted(error: unknown): SluiceError | undefined {
  if (isTooManyOpen(error)) return storeErrors.open_files_too_few({ limit: undefined }, { cause: error });
  return isOutOfMemory(error) ? storeErrors.memory_too_small({ found: undefined }, { cause: error }) : undefined;
}
