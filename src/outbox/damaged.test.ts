import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { VirtualClock } from '../../test/support/virtual-clock.ts';
import { connect } from './database.ts';
import { openOutbox } from './outbox.ts';
import type { OutboxEvent } from './types.ts';

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

async function fresh(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-damaged-'));
  folders.push(folder);
  return `sqlite:${join(folder, 'outbox.db')}`;
}

it.each(['{"body":', '', 'nul'])(
  'makes a dead letter of a row whose payload is %j, and sends all others',
  async (bytes) => {
    const url = await fresh();
    const runtime = new VirtualClock({ seed: 1 });
    await using outbox = await openOutbox({ url, runtime });
    const message = (id: string, destination: string) => ({ id, notifier: 'n', destination, payload: { id } });
    await outbox.enqueueMany([message('damaged', 'ops'), message('behind', 'ops'), message('beside', 'dev')]);
    const { db } = connect(url);
    await db
      .updateTable('outbox_messages')
      .set({ payload: bytes, fallback: bytes })
      .where('id', '=', 'damaged')
      .execute();
    await db.destroy();
    const sent: string[] = [];
    const told: OutboxEvent[] = [];
    const notify = async ({ id }: { id: string }) => {
      sent.push(id);
      return { kind: 'accepted' } as const;
    };
    await outbox.drain({ notifiers: [{ name: 'n', notify }], observe: (event) => told.push(event), waitMs: 0 });
    expect(sent.sort()).toEqual(['behind', 'beside']);
    expect(told.filter(({ kind }) => kind === 'ended' || kind === 'store_failed')).toEqual([
      { kind: 'ended', id: 'damaged', notifier: 'n', destination: 'ops', state: 'dead', deadReason: 'payload_damaged' },
    ]);
    expect(await outbox.show('damaged')).toMatchObject({
      state: 'dead',
      deadReason: 'payload_damaged',
      payload: undefined,
    });
  },
);

it('counts anew where the count of a limit is damaged', async () => {
  const url = await fresh();
  const runtime = new VirtualClock({ seed: 1 });
  await using outbox = await openOutbox({ url, runtime });
  const { db } = connect(url);
  await db.insertInto('outbox_limits').values({ scope: 'ops', times: '[1,' }).execute();
  await db.destroy();
  await outbox.enqueue({ notifier: 'n', destination: 'ops', payload: 1 });
  const notify = async () => ({ kind: 'accepted' }) as const;
  const limits = () => [{ scope: 'ops', windows: [{ limit: 1, windowMs: 1_000 }] }];
  const { states } = await outbox.drain({ notifiers: [{ name: 'n', notify }], limits, waitMs: 0 });
  expect(states.accepted).toBe(1);
});
