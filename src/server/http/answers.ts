import { isSluiceError } from '../../errors/sluice-error.ts';
import { httpErrors } from '../errors.ts';

/** Statuses of errors that are not the content's fault. Everything else a user can mend is a 400. */
const statusOf: Readonly<Record<string, 400 | 401 | 403 | 404 | 413 | 415 | 503>> = {
  body_incomplete: 400,
  unauthenticated: 401,
  tenant_not_allowed: 403,
  not_found: 404,
  message_not_found: 404,
  silence_unknown: 404,
  body_too_large: 413,
  content_type: 415,
  draining: 503,
  state_taken: 503,
  outbox_unavailable: 503,
};

/** An error as a client sees it. Faults name fields and valid values, never what stood in them. */
export interface ErrorAnswer {
  readonly status: 400 | 401 | 403 | 404 | 413 | 415 | 500 | 503;
  readonly body: { readonly error: Readonly<Record<string, unknown>> };
}

export function answerOf(error: unknown): ErrorAnswer {
  if (!isSluiceError(error)) return internal;
  const { code, message, recovery, details } = error;
  const status = statusOf[code] ?? (recovery === 'user_action' ? 400 : 500);
  if (status === 500) return { status, body: { error: { code, message: NOT_CARRIED_OUT } } };
  return { status, body: { error: { code, message, ...details } } };
}

const { message: NOT_CARRIED_OUT } = httpErrors.internal_error();

const internal: ErrorAnswer = {
  status: 500,
  body: { error: { code: httpErrors.internal_error.code, message: NOT_CARRIED_OUT } },
};
