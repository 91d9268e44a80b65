import { describe, expect, it } from 'vitest';
import { systemRuntime } from '../runtime/runtime.ts';
import { Secret } from '../runtime/secret.ts';
import { openOutbox } from './outbox.ts';

const runtime = systemRuntime;

describe('openOutbox', () => {
  it('refuses a URL it does not know, without repeating it', async () => {
    const failure = openOutbox({ url: new Secret('mysql://root:canary@host/db'), runtime });
    await expect(failure).rejects.toMatchObject({ code: 'outbox_url_invalid' });
    await expect(failure).rejects.not.toThrow('canary');
  });

  it('says that a database cannot be opened', async () => {
    const failure = openOutbox({ url: 'sqlite:/nowhere/at/all.db', runtime });
    await expect(failure).rejects.toMatchObject({ code: 'outbox_unavailable', recovery: 'retry' });
  });

  it('refuses a lease that a slow attempt would outlive', async () => {
    await using outbox = await openOutbox({ url: 'sqlite::memory:', runtime });
    const options = { notifiers: [], attemptTimeoutMs: 1_000, leaseMs: 1_000 };
    await expect(outbox.work(options)).rejects.toMatchObject({ code: 'invalid_lease', details: { field: 'leaseMs' } });
  });

  it('delivers at once what is accepted while it works, on the real clock', async () => {
    await using outbox = await openOutbox({ url: 'sqlite::memory:', runtime });
    const stop = new AbortController();
    const seen = new Promise<string>((resolve) => {
      const notify = async ({ id }: { id: string }) => {
        resolve(id);
        return { kind: 'accepted' } as const;
      };
      void outbox.work({ notifiers: [{ name: 'n', notify }], pollMs: 3_600_000, signal: stop.signal });
    });
    const { id } = await outbox.enqueue({ notifier: 'n', destination: 'ops', payload: null });
    expect(await seen).toBe(id);
    stop.abort();
    await expect.poll(async () => (await outbox.show(id)).state).toBe('accepted');
  });
});
