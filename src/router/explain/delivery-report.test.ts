import { describe, expect, it } from 'vitest';
import { SluiceError } from '../../errors/sluice-error.ts';
import type { Message, Outcome } from '../../messages/types.ts';
import { deliver, deliveryFailure } from './delivery-report.ts';

const gone = new SluiceError({ code: 'gone', recovery: 'fail', surface: 'webhook', message: 'Gone.' });

const slow = new SluiceError({ code: 'slow', recovery: 'retry', surface: 'webhook', message: 'Slow.' });

const outcomes: Record<string, Outcome> = {
  good: { kind: 'delivered', id: '17' },
  taken: { kind: 'accepted' },
  busy: { kind: 'retry', afterMs: 1_000, error: slow },
  gone: { kind: 'permanent', error: gone },
  unclear: { kind: 'unknown', error: slow },
};

async function report(receivers: readonly string[], stopOnError = false) {
  const tried: string[] = [];
  const messages = receivers.map((receiver) => ({ id: `m-${receiver}`, receiver }) as Message);
  const result = await deliver(
    { groupKey: 'g', messages, stopOnError },
    async ({ receiver }) => {
      tried.push(receiver);
      if (receiver === 'throws') throw 'not an Error';
      return { outcome: outcomes[receiver]!, attempts: 2 };
    },
    AbortSignal.timeout(60_000),
  );
  return { ...result, tried };
}

describe('delivery report', () => {
  it('tells what each destination came to', async () => {
    const { status, destinations } = await report(['good', 'taken', 'busy', 'gone', 'unclear', 'throws']);
    expect(status).toBe('partial_success');
    expect(destinations).toMatchObject([
      { receiver: 'good', messageId: 'm-good', outcome: 'delivered', attempts: 2, retryable: false, receipt: '17' },
      { receiver: 'taken', outcome: 'accepted', retryable: false },
      { receiver: 'busy', outcome: 'retry', retryable: true },
      { receiver: 'gone', outcome: 'permanent', retryable: false, error: gone },
      { receiver: 'unclear', outcome: 'unknown', retryable: true },
      { receiver: 'throws', outcome: 'unknown', retryable: true, error: { code: 'destination_threw' } },
    ]);
  });

  it('is a success when every destination took it', async () => {
    const all = await report(['good', 'taken']);
    expect(all.status).toBe('all_succeeded');
    expect(deliveryFailure(all)).toBeUndefined();
  });

  it('is one error with every cause when all failed', async () => {
    const failed = await report(['gone', 'throws']);
    expect(failed.status).toBe('all_failed');
    const error = deliveryFailure(failed)!;
    expect(error).toMatchObject({ code: 'routing_completely_failed', recovery: 'retry' });
    expect((error.cause as AggregateError).errors).toEqual([
      gone,
      expect.objectContaining({ code: 'destination_threw' }),
    ]);
    expect(deliveryFailure(await report(['gone']))).toMatchObject({ recovery: 'fail' });
  });

  it('stops at the first failure when told to', async () => {
    const { tried, destinations } = await report(['good', 'gone', 'taken'], true);
    expect(tried).toEqual(['good', 'gone']);
    expect(destinations.map(({ outcome }) => outcome)).toEqual(['delivered', 'permanent', 'skipped']);
  });
});
