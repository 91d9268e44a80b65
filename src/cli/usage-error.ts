import { SluiceError } from '../errors/sluice-error.ts';

/** The error for a command line that does not make sense: what is wrong, and what to give. */
export const usageError = (message: string, hint: string): SluiceError =>
  new SluiceError({ code: 'usage', recovery: 'user_action', surface: 'config', message, hint });
