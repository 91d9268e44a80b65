import { expect, it } from 'vitest';
import { VirtualClock } from '../../test/support/virtual-clock.ts';
import { toTeamsPayload } from '../cards/index.ts';
import { connect } from '../outbox/database.ts';
import { openOutbox } from '../outbox/outbox.ts';
import { type MessageState, messageStates } from '../outbox/types.ts';
import { outgoingNotifier } from './outgoing.ts';

const body = toTeamsPayload('hello');

/** What becomes of a message that waits for one in that state; undefined: for one that is not there. */
async function afterOne(state: MessageState | undefined) {
  const { db: database, dialect } = connect('sqlite::memory:');
  const runtime = new VirtualClock({ seed: 1 });
  const outbox = await openOutbox({ database, dialect, runtime });
  if (state !== undefined) {
    await outbox.enqueue({ id: 'first', notifier: 'n', destination: 'a', payload: {} });
    await database.updateTable('outbox_messages').set({ state }).execute();
  }
  const sent: unknown[] = [];
  const inner = {
    name: 'n',
    notify: async ({ payload }: { payload: unknown }) => {
      sent.push(payload);
      return { kind: 'accepted' } as const;
    },
  };
  const message = { id: 'second', destination: 'b', attempt: 1, payload: { body, after: 'first' } };
  const outcome = await outgoingNotifier(inner, outbox).notify(message, new AbortController().signal);
  await database.destroy();
  return outcome;
}

const PASSED: readonly MessageState[] = ['delivered', 'accepted', 'superseded'];

it.each(PASSED)('stop_on_error goes on after a message that is %s', async (state) => {
  expect(await afterOne(state)).toEqual({ kind: 'accepted' });
});

it.each([undefined, ...messageStates.filter((state) => !PASSED.includes(state))])(
  'stop_on_error stops after a message that is %s, and blames nobody for it',
  async (state) => {
    expect(await afterOne(state)).toMatchObject({
      kind: 'permanent',
      blame: 'nobody',
      error: { code: 'stopped_on_error' },
    });
  },
);

it.each([{ body: 5 }, { body: { attachments: [] } }, { body, after: 7 }, { unrenderable: 'x' }, null, 'text'])(
  'a stored payload that is damaged (%j) is the end of its message and blames nobody',
  async (payload) => {
    const { db: database, dialect } = connect('sqlite::memory:');
    const outbox = await openOutbox({ database, dialect, runtime: new VirtualClock({ seed: 1 }) });
    const inner = { name: 'n', notify: async () => ({ kind: 'accepted' }) as const };
    const message = { id: 'one', destination: 'b', attempt: 1, payload };
    expect(await outgoingNotifier(inner, outbox).notify(message, new AbortController().signal)).toMatchObject({
      kind: 'permanent',
      blame: 'nobody',
      error: { code: 'message_unrenderable' },
    });
    await database.destroy();
  },
);
