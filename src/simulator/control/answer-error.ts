import type { ErrorHandler } from 'hono';
import { isSluiceError } from '../../errors/sluice-error.ts';

/** Refusals as JSON that names the field and the valid values. */
export const answerError: ErrorHandler = (error, c) => {
  if (!isSluiceError(error)) return c.json({ error: { code: 'internal', message: String(error) } }, 500);
  const { code, message, details } = error;
  return c.json({ error: { code, message, ...details } }, 400);
};
