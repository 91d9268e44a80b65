import { storeErrors } from '../store-errors.ts';
import { exhausted } from './exhausted.ts';
import { systemCode } from './system-error.ts';

/** Turns what the file system says about a read into an error that tells the user what to do. Others pass unchanged. */
export function readError(error: unknown, place: string): unknown {
  const reason = systemCode(error);
  if (reason === undefined) return error;
  return exhausted(error) ?? storeErrors.lake_unreadable({ place, reason }, { cause: error });
}

/** For `catch`. @throws SluiceError `lake_unreadable` */
export const unreadable =
  (place: string) =>
  (error: unknown): never => {
    throw readError(error, place);
  };
