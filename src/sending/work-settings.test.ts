import { describe, expect, it } from 'vitest';
import { fakeTelemetry } from '../../test/support/fake-telemetry.ts';
import { configSchema } from '../config/schema.ts';
import { defaultRetryPolicy } from '../outbox/retry-policy.ts';
import type { OutboxEvent } from '../outbox/types.ts';
import { observer, retrySchedule, workSettings } from './work-settings.ts';

const configOf = (resilience: object) => configSchema({ environment: {}, folder: '.' }).parse({ resilience });
const scheduleOf = (resilience: object) => retrySchedule(configOf(resilience).resilience);

describe('the retry schedule', () => {
  it('is the default one, or as configured', () => {
    expect(scheduleOf({})).toEqual(defaultRetryPolicy.scheduleMs);
    expect(scheduleOf({ max_retries: 2 })).toEqual([1_000, 5_000]);
    expect(scheduleOf({ max_retries: 0 })).toEqual([]);
    expect(scheduleOf({ max_retries: 3, initial_backoff_ms: 100 })).toEqual([100, 500, 2_500]);
    expect(scheduleOf({ max_retries: 4, max_backoff_ms: 4_000 })).toEqual([1_000, 4_000, 4_000, 4_000]);
    expect(scheduleOf({ max_retries: 12 })).toHaveLength(12);
  });

  it('leaves an attempt time for two URLs', () => {
    expect(workSettings(configOf({ request_timeout_ms: 1_000 })).attemptTimeoutMs).toBeGreaterThan(2_000);
  });
});

describe('what the outbox tells', () => {
  const attempted = (over: Partial<Extract<OutboxEvent, { kind: 'attempted' }>>): OutboxEvent => ({
    kind: 'attempted',
    id: 'm1',
    notifier: 'webhook',
    destination: 'ops',
    attempt: 1,
    outcome: 'retry',
    state: 'retry',
    durationMs: 1,
    ...over,
  });

  it('counts a delivery once, when it is over', () => {
    const telemetry = fakeTelemetry();
    const observe = observer(telemetry, () => 't1');
    observe(attempted({}));
    observe(attempted({ outcome: 'unknown', state: 'unknown' }));
    observe(attempted({ outcome: 'accepted', state: 'accepted' }));
    observe(attempted({ id: 'm2', state: 'dead', errorCode: 'throttled' }));
    const sent = telemetry.counts.filter(({ name }) => name === 'teams.webhook.messages_sent');
    expect(sent.map(({ labels }) => labels)).toEqual([
      { status: 'accepted', tenant_id: 't1' },
      { status: 'dead', tenant_id: 't1' },
    ]);
    expect(telemetry.counts.filter(({ name }) => name === 'teams.outbox.attempts')).toHaveLength(4);
    expect(telemetry.logs).toEqual([
      { event: 'outbox.dead', fields: { messageId: 'm2', destination: 'ops', outcome: 'retry', code: 'throttled' } },
    ]);
  });

  it('counts what ends without an attempt in the same way', () => {
    const telemetry = fakeTelemetry();
    const observe = observer(telemetry, () => 't1');
    const ended = { kind: 'ended', id: 'm1', notifier: 'webhook', destination: 'ops' } as const;
    observe({ ...ended, state: 'expired' });
    observe({ ...ended, state: 'superseded' });
    observe({ ...ended, state: 'dead', deadReason: 'endpoint_disabled' });
    expect(telemetry.counts).toEqual(
      ['expired', 'superseded', 'dead'].map((status) => ({
        name: 'teams.webhook.messages_sent',
        value: 1,
        labels: { status, tenant_id: 't1' },
      })),
    );
    expect(telemetry.logs).toEqual([
      {
        event: 'outbox.dead',
        fields: { messageId: 'm1', destination: 'ops', outcome: 'none', code: 'endpoint_disabled' },
      },
    ]);
  });

  it('counts what the database did not answer', () => {
    const telemetry = fakeTelemetry();
    const observe = observer(telemetry, () => 't1');
    observe({ kind: 'store_failed', operation: 'claim', error: new Error('postgres://user:canary@host') });
    observe({ kind: 'fenced', id: 'm', notifier: 'webhook', destination: 'ops', attempt: 1 });
    expect(telemetry.counts.map(({ labels }) => labels)).toEqual([{ kind: 'store_failed' }, { kind: 'fenced' }]);
    expect(JSON.stringify(telemetry.logs)).not.toContain('canary');
  });
});
