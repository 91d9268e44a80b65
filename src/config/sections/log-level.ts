import { z } from 'zod';

/** The key `log_level`, which is one value and no section. */
export const logLevel = z
  .enum(['silent', 'error', 'warn', 'info', 'debug'])
  .default('warn')
  .describe('Which log lines are written.');
