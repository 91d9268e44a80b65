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
