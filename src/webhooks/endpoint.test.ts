import { describe, expect, it } from 'vitest';
import { SluiceError } from '../errors/sluice-error.ts';
import { Secret } from '../runtime/secret.ts';
import { daysUntilExpiry, urlsToTry } from './destination.ts';
import { afterOutcome, type EndpointState, isRefusedUrl, newEndpoint } from './endpoint.ts';
import type { WebhookOutcome } from './outcome.ts';
import { WebhookUrl } from './webhook-url.ts';

const HOUR_MS = 3_600_000;
const error = (code: string) => new SluiceError({ code, recovery: 'fail', surface: 'webhook', message: code });
const retry = (code = 'service_error'): WebhookOutcome => ({ kind: 'retry', error: error(code) });
const permanent = (code: string): WebhookOutcome => ({ kind: 'permanent', error: error(code) });
const delivered: WebhookOutcome = { kind: 'delivered', id: 'm' };

const stateAfter = (...outcomes: WebhookOutcome[]) =>
  outcomes.reduce<EndpointState>((state, outcome, index) => afterOutcome(state, outcome, index), newEndpoint(0));

describe('health', () => {
  it.each<[string, WebhookOutcome[], EndpointState['health'], string | undefined]>([
    ['a success', [delivered], 'healthy', undefined],
    ['two failures', [retry(), retry()], 'healthy', undefined],
    ['three failures', [retry(), retry(), retry('throttled')], 'degraded', 'throttled'],
    [
      'unknown counts too',
      [1, 2, 3].map(() => ({ kind: 'unknown', error: error('delivery_unknown') })),
      'degraded',
      'delivery_unknown',
    ],
    ['a success in between', [retry(), retry(), { kind: 'accepted' }, retry()], 'healthy', undefined],
    ['a success after it', [retry(), retry(), retry(), delivered], 'healthy', undefined],
    ['messages that are too large', [1, 2, 3, 4].map(() => permanent('card_too_large')), 'healthy', undefined],
    ['the webhook is gone', [permanent('webhook_not_found')], 'disabled', 'webhook_not_found'],
    ['one refusal', [permanent('permission_denied')], 'healthy', undefined],
    ['three refusals', [1, 2, 3].map(() => permanent('permission_denied')), 'disabled', 'permission_denied'],
    ['disabled stays so', [permanent('webhook_not_found'), retry()], 'disabled', 'webhook_not_found'],
    ['until it works', [permanent('webhook_not_found'), delivered], 'healthy', undefined],
    ['a retired form', [permanent('webhook_retired')], 'retired', 'webhook_retired'],
    ['a moved host', [permanent('webhook_host_moved')], 'retired', 'webhook_host_moved'],
  ])('%s', (_, outcomes, health, reason) => {
    const state = stateAfter(...outcomes);
    expect([state.health, state.reason]).toEqual([health, reason]);
  });

  it('is disabled after 120 hours of failing, and not before', () => {
    const fail = (state: EndpointState, atMs: number) => afterOutcome(state, retry(), atMs);
    const before = [0, HOUR_MS, 60 * HOUR_MS, 120 * HOUR_MS - 1].reduce(fail, newEndpoint(0));
    expect(before).toMatchObject({ health: 'degraded', failingSinceMs: 0 });
    expect(fail(before, 120 * HOUR_MS)).toMatchObject({ health: 'disabled', sinceMs: 120 * HOUR_MS });
  });

  it('survives as JSON', () => {
    const state = stateAfter(retry(), retry(), retry());
    expect(afterOutcome(JSON.parse(JSON.stringify(state)), delivered, 9)).toEqual(newEndpoint(9));
  });

  it('only a refusal of the URL itself is proof that the other URL may be used', () => {
    expect(isRefusedUrl(permanent('permission_denied'))).toBe(true);
    expect(isRefusedUrl(permanent('unexpected_redirect'))).toBe(true);
    for (const outcome of [permanent('card_too_large'), retry(), delivered]) expect(isRefusedUrl(outcome)).toBe(false);
  });
});

describe('two URLs', () => {
  const url = (name: string) =>
    WebhookUrl.parse(`https://h.example/${name}`, { allow: { hosts: ['h.example'] }, identityKey: new Secret('k') });
  const [primary, secondary] = [url('primary'), url('secondary')];
  const out = stateAfter(permanent('webhook_not_found'));
  const names = (outs: WebhookUrl[], over: { expiresAtMs?: number } = {}) =>
    urlsToTry(
      { tenantId: 't', primary, secondary, ...over },
      (one) => (outs.includes(one) ? out : newEndpoint(0)),
      100,
    ).map((one) => (one === primary ? 'primary' : 'secondary'));

  it('the primary comes first; what is out or expired is left aside', () => {
    expect(names([])).toEqual(['primary', 'secondary']);
    expect(names([primary])).toEqual(['secondary']);
    expect(names([secondary])).toEqual(['primary']);
    expect(names([primary, secondary])).toEqual(['primary']);
    expect(names([], { expiresAtMs: 100 })).toEqual(['secondary']);
    expect(names([], { expiresAtMs: 101 })).toEqual(['primary', 'secondary']);
  });

  it('expiry is told 30 days ahead', () => {
    const dayMs = 24 * HOUR_MS;
    expect(daysUntilExpiry({}, 0)).toBeUndefined();
    expect(daysUntilExpiry({ expiresAtMs: 31 * dayMs }, 0)).toBeUndefined();
    expect(daysUntilExpiry({ expiresAtMs: 30 * dayMs }, 0)).toBe(30);
    expect(daysUntilExpiry({ expiresAtMs: 0 }, dayMs)).toBe(-1);
  });
});
