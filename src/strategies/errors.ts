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

/** A record of a page is no JSON: the page is landed without it. */
export function recordLost(route: string): SluiceError {
  return clientError('page_invalid', { method: 'GET', route }, { surface: 'graph' });
}
