import { describe, expect, it } from 'vitest';
import { LONGEST_RETRY_AFTER_MS } from '../../errors/retry-after.ts';
import { SluiceError } from '../../errors/sluice-error.ts';
import { answerOutcome, errorOutcome, type WebhookOutcome } from './outcome.ts';

const context = { webhook: 'hook', messageId: 'm1', nowMs: Date.UTC(2026, 0, 1) };
const answer = (status: number, body = '', headers: Record<string, string> = {}, receipt?: string) =>
  answerOutcome({ status, headers, body: Buffer.from(body) }, { ...context, ...(receipt && { receipt }) });

const short = (outcome: WebhookOutcome) =>
  'error' in outcome ? `${outcome.kind} ${outcome.error.code}` : outcome.kind;

const connectorError = (status: number) =>
  `Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error ${status} with ContextId tcid=404429,server=X.`;

describe('the catalogue', () => {
  it.each([
    [200, '1', 'delivered'],
    [200, ' 2\n', 'delivered'],
    [200, '"1"', 'delivered'],
    [200, connectorError(429), 'retry throttled'],
    [200, JSON.stringify(connectorError(429)), 'retry throttled'],
    [200, connectorError(429).toUpperCase(), 'retry throttled'],
    [200, connectorError(413), 'permanent card_too_large'],
    [200, connectorError(400), 'permanent payload_invalid'],
    [200, connectorError(403), 'permanent permission_denied'],
    [200, connectorError(500), 'retry service_error'],
    [200, connectorError(503), 'retry service_error'],
    [200, connectorError(418), 'unknown delivery_unknown'],
    [
      200,
      'Webhook message delivery failed with error: Error contacting Microsoft Teams endpoint',
      'retry service_error',
    ],
    [200, '', 'unknown delivery_unknown'],
    [200, '{"version":"1.1","statusCode":200,"isSuccessStatusCode":true}', 'unknown delivery_unknown'],
    [200, '<html>Sign in</html>', 'unknown delivery_unknown'],
    [200, `${' '.repeat(5_000)}1`, 'unknown delivery_unknown'],
    [202, '', 'accepted'],
    [202, connectorError(400), 'accepted'],
    [400, 'Summary or Text is required.', 'permanent payload_invalid'],
    [400, 'Bad payload received by generic incoming webhook.', 'permanent payload_invalid'],
    [400, '{"error":{"code":"TriggerInputSchemaMismatch"}}', 'permanent payload_invalid'],
    [400, '{"error":{"code":"MissingApiVersionParameter","message":"x"}}', 'permanent webhook_configuration'],
    [400, '"{\\"error\\":{\\"code\\":\\"MissingApiVersionParameter\\"}}"', 'permanent webhook_configuration'],
    [
      400,
      '{"error":{"code":"x","innerError":{"code":"MissingApiVersionParameter"}}}',
      'permanent webhook_configuration',
    ],
    [401, '{"error":{"code":"DirectApiAuthorizationRequired"}}', 'permanent permission_denied'],
    [403, '', 'permanent permission_denied'],
    [404, '', 'permanent webhook_not_found'],
    [410, '', 'permanent webhook_not_found'],
    [413, '', 'permanent card_too_large'],
    [429, '', 'retry throttled'],
    [302, '', 'permanent unexpected_redirect'],
  ])('%i %s', (status, body, expected) => {
    expect(short(answer(status, body))).toBe(expected);
  });

  it('a configured receipt makes a 200 proof, any other 200 does not', () => {
    expect(answer(200, ' Posted ', {}, 'posted')).toEqual({ kind: 'delivered', id: 'm1' });
    expect(short(answer(200, 'not posted', {}, 'posted'))).toBe('unknown delivery_unknown');
    expect(short(answer(200, 'posted'))).toBe('unknown delivery_unknown');
    expect(short(answer(202, 'posted', {}, 'posted'))).toBe('accepted');
  });
});

/** Declared apart from the rules: what every status comes to with a body that says nothing. */
function declared(status: number): string {
  if (status < 200 || status === 200) return 'unknown delivery_unknown';
  if (status < 300) return 'accepted';
  if (status < 400) return 'permanent unexpected_redirect';
  if (status >= 500) return status === 503 ? 'retry service_error' : 'unknown delivery_unknown';
  const named: Record<number, string> = {
    400: 'permanent payload_invalid',
    401: 'permanent permission_denied',
    403: 'permanent permission_denied',
    404: 'permanent webhook_not_found',
    408: 'retry service_error',
    410: 'permanent webhook_not_found',
    413: 'permanent card_too_large',
    425: 'retry service_error',
    429: 'retry throttled',
  };
  return named[status] ?? 'permanent webhook_refused';
}

const inTwoMinutes = new Date(context.nowMs + 120_000).toUTCString();
const headerVariants: readonly [headers: Record<string, string>, afterMs: number | undefined][] = [
  [{}, undefined],
  [{ 'retry-after': '7' }, 7_000],
  [{ 'retry-after': '1.5' }, 1_500],
  [{ 'retry-after': inTwoMinutes }, 120_000],
  [{ 'retry-after': 'Thu, 01 Jan 1970 00:00:00 GMT' }, 0],
  [{ 'retry-after': '1e20' }, LONGEST_RETRY_AFTER_MS],
  [{ 'retry-after': 'Fri, 31 Dec 9999 23:59:59 GMT' }, LONGEST_RETRY_AFTER_MS],
  [{ 'retry-after': 'soon' }, undefined],
  [{ 'retry-after': '-5' }, undefined],
  [{ 'retry-after-ms': '250' }, 250],
  [{ 'x-ms-retry-after-ms': '9' }, 9],
  [{ location: 'http://169.254.169.254/', 'content-type': 'text/html' }, undefined],
];

describe('every status with every form of Retry-After', () => {
  const statuses = Array.from({ length: 500 }, (_, index) => 100 + index);

  it.each(headerVariants)('%o', (headers, afterMs) => {
    for (const status of statuses) {
      const outcome = answer(status, '', headers);
      expect(short(outcome), String(status)).toBe(declared(status));
      if (outcome.kind === 'retry' || outcome.kind === 'unknown') expect(outcome.afterMs, String(status)).toBe(afterMs);
    }
  });

  it('a quota text names the wait; the longer one wins', () => {
    const text = 'Out of call volume quota. Quota will be replenished in 01:02:03.';
    expect(answer(429, text)).toMatchObject({ kind: 'retry', afterMs: 3_723_000 });
    expect(answer(429, text, { 'retry-after': '1' })).toMatchObject({ afterMs: 3_723_000 });
    expect(answer(429, text, { 'retry-after': '9999' })).toMatchObject({ afterMs: 9_999_000 });
  });

  it('that asks for more than a day is waited for a day, and the error says so', () => {
    const said = { afterMs: LONGEST_RETRY_AFTER_MS, error: { hint: expect.stringContaining('24 hours') } };
    expect(answer(429, 'Quota will be replenished in 9999:59:59.')).toMatchObject(said);
    expect(answer(429, '', { 'retry-after': '1e20' })).toMatchObject(said);
  });
});

describe('no answer', () => {
  const failed = (details: SluiceError['details'], code = 'network_error') =>
    short(
      errorOutcome(new SluiceError({ code, recovery: 'retry', surface: 'webhook', message: 'x', details }), context),
    );

  it('is retried only when nothing can have been sent', () => {
    expect(failed({ sent: false })).toBe('retry network_error');
    expect(failed({ sent: true })).toBe('unknown delivery_unknown');
    expect(failed({}, 'timeout')).toBe('unknown delivery_unknown');
    expect(failed({ sent: false }, 'address_not_allowed')).toBe('permanent address_not_allowed');
    expect(short(errorOutcome(new Error('anything'), context))).toBe('unknown delivery_unknown');
  });

  it('waits until the circuit breaker lets a probe through', () => {
    const details = { sent: false };
    const open = { code: 'circuit_open', recovery: 'retry', surface: 'webhook', message: 'x', details } as const;
    const outcome = errorOutcome(new SluiceError({ ...open, retryAfterMs: 30_000 }), context);
    expect(outcome).toMatchObject({ kind: 'retry', afterMs: 30_000 });
  });
});
