import type { CardFault } from '../../cards/index.ts';

/** Faults as a person reads them, a line each. */
export function renderCardFaults(faults: readonly CardFault[]): string {
  return faults
    .map(
      ({ path, severity, code, message, allowed }) => `${path}: ${severity} ${code}: ${message} Allowed: ${allowed}.\n`,
    )
    .join('');
}
