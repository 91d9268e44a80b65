import { type DestinationStream, type Logger, pino } from 'pino';
import { isSluiceError } from '../errors/sluice-error.ts';

export type LogLevel = 'silent' | 'error' | 'warn' | 'info' | 'debug';

const SECRET_KEYS = ['authorization', 'access_token', 'client_secret', 'client_assertion', 'token', 'url', 'body'];

/**
 * A JSON-lines logger. Known secret keys are masked as a second line of defence; the first is that secrets live in
 * `Secret` and that only fields of the catalogue are written.
 *
 * @param options.destination - where the lines go; default standard error, so that standard output stays for results
 */
export function createLogger(options: { readonly level: LogLevel; readonly destination?: DestinationStream }): Logger {
  return pino(
    {
      level: options.level,
      base: null,
      redact: { paths: SECRET_KEYS.flatMap((key) => [key, `*.${key}`]), censor: '[secret]' },
      serializers: { err: describeError, error: describeError },
      formatters: { level: (level) => ({ level }) },
    },
    options.destination ?? pino.destination({ fd: 2, sync: true }),
  );
}

/** Our own errors by their safe parts; foreign ones by name and system code only, their text may quote a URL. */
function describeError(error: unknown): Record<string, unknown> {
  if (isSluiceError(error)) {
    const { code, recovery, surface, message, request, retryAfterMs } = error;
    return {
      code,
      recovery,
      surface,
      message,
      request,
      retryAfterMs,
      cause: error.cause && describeError(error.cause),
    };
  }
  const { name, code } =
    error instanceof Error ? (error as Error & { code?: unknown }) : { name: typeof error, code: undefined };
  return { name, ...(typeof code === 'string' && { code }) };
}
