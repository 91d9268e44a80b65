import { foreignErrorText, placesOf } from '../../errors/foreign-error.ts';
import { isSluiceError } from '../../errors/sluice-error.ts';
import { exhausted } from '../../lake/engine/exhausted.ts';

/** What is not one of our own errors is a bug of ours: where it was thrown is shown to those who look for it. */
export function describeError(error: unknown, withStack = false): string {
  if (isSluiceError(error)) return `${error.code}: ${error.message}`;
  const spent = exhausted(error);
  if (spent) return describeError(spent, withStack);
  const frames = withStack && error instanceof Error ? placesOf(error).map((place) => `\n    at ${place}`) : [];
  const where = withStack ? '' : ' SLUICE_LOG_LEVEL=debug shows where.';
  return `unexpected: ${foreignErrorText(error)} This is a mistake in Sluice.${where}${frames.join('')}`;
}
