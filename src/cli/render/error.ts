import { foreignErrorText, placesOf } from '../../errors/foreign-error.ts';
import { isSluiceError } from '../../errors/sluice-error.ts';
import { storeErrors } from '../../lake/errors.ts';
import { isTooManyOpen } from '../../lake/open-files-error.ts';

/** What is not one of our own errors is a bug of ours: where it was thrown is shown to those who look for it. */
export function describeError(error: unknown, withStack = false): string {
  if (isSluiceError(error)) return `${error.code}: ${error.message}`;
  if (isTooManyOpen(error)) return describeError(storeErrors.open_files_too_few({ limit: undefined }), withStack);
  const frames = withStack && error instanceof Error ? placesOf(error).map((place) => `\n    at ${place}`) : [];
  const where = withStack ? '' : ' SLUICE_LOG_LEVEL=debug shows where.';
  return `unexpected: ${foreignErrorText(error)} This is a mistake in Sluice.${where}${frames.join('')}`;
}
