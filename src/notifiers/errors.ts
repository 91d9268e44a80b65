import { defineErrors } from '../errors/define-errors.ts';
import { isSluiceError, SluiceError } from '../errors/sluice-error.ts';
import type { Answer, Failure } from './kind.ts';

export const notifierErrors = defineErrors('notifier', {
  destination_unknown: {
    recovery: 'user_action',
    cause: 'A message waits for a destination that the configuration does not name any more.',
    remedy: 'Add it to the configuration, or redrive the message once it is there.',
    example: { destination: 'ops' },
    says: ({ destination }) => `There is no receiver "${destination}".`,
    details: ({ destination }) => ({ destination }),
  },
  notifier_failed: {
    recovery: 'retry',
    cause: 'A notifier of another package said that an attempt failed, and not why in a form that can be stored.',
    remedy: 'Its author should answer { code, message }: docs/adding-a-notifier.md.',
  },
});

const CODE = /^[a-z][a-z0-9_]{0,63}$/;

/** The error of a failure as it is stored and shown: without the secrets of its receiver. */
export function failureError(failure: Failure, kind: Answer['kind'], secrets: readonly string[]): SluiceError {
  if (isSluiceError(failure)) return redacted(failure, secrets);
  const { code, message, hint, cause } = failure;
  if (!CODE.test(code) || typeof message !== 'string') return notifierErrors.notifier_failed({ cause });
  return new SluiceError({
    code,
    recovery: kind === 'permanent' ? 'user_action' : 'retry',
    surface: 'notifier',
    message: withoutSecrets(message, secrets),
    hint: hint === undefined ? undefined : withoutSecrets(String(hint), secrets),
    cause,
  });
}

function redacted(error: SluiceError, secrets: readonly string[]): SluiceError {
  const message = withoutSecrets(error.message, secrets);
  if (message === error.message) return error;
  const { code, recovery, surface, request, retryAfterMs, cause } = error;
  return new SluiceError({ code, recovery, surface, message, request, retryAfterMs, cause });
}

export const withoutSecrets = (text: string, secrets: readonly string[]): string =>
  secrets.reduce((shown, secret) => shown.replaceAll(secret, '[secret]'), text);
