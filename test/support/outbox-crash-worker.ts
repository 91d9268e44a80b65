/**
 * A worker process for the crash test: `URL SINK [delete-first]`. Prints `ready` when it works, and goes on until it
 * is killed. With `delete-first` it is the mutant that forgets a message before it was delivered.
 */
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { SluiceError } from '../../src/errors/sluice-error.ts';
import type { Notifier, Outcome } from '../../src/messages/types.ts';
import { connect } from '../../src/outbox/database.ts';
import { openOutbox } from '../../src/outbox/outbox.ts';
import { systemRuntime } from '../../src/runtime/runtime.ts';

const [url, sink, mutant] = process.argv.slice(2) as [string, string, string?];

async function post(id: string, signal: AbortSignal): Promise<number> {
  const call = request(sink, { method: 'POST', signal, agent: false });
  call.end(id);
  const [answer] = (await once(call, 'response')) as [IncomingMessage];
  answer.resume();
  await once(answer, 'end');
  return answer.statusCode!;
}

const error = (code: string) =>
  new SluiceError({ code, recovery: 'retry', surface: 'webhook', message: 'The sink failed.' });

/** 503 says that nothing was done; after 500 or a broken connection nobody knows. */
const http: Notifier = {
  name: 'http',
  notify: async ({ id }, signal): Promise<Outcome> => {
    const status = await post(id, signal).catch(() => undefined);
    if (status === 200) return { kind: 'delivered', id };
    if (status === 503) return { kind: 'retry', error: error('transient') };
    if (status === 404) return { kind: 'permanent', error: error('not_found') };
    return { kind: 'unknown', error: error('delivery_unknown') };
  },
};

function deletingFirst(notifier: Notifier): Notifier {
  const { db } = connect(url);
  return {
    ...notifier,
    notify: async (message, signal) => {
      await db.transaction().execute(async (transaction) => {
        await transaction.deleteFrom('outbox_messages').where('id', '=', message.id).execute();
      });
      return await notifier.notify(message, signal);
    },
  };
}

const outbox = await openOutbox({ url, runtime: systemRuntime });
process.stdout.write('ready\n');
await outbox.work({
  notifiers: [mutant === 'delete-first' ? deletingFirst(http) : http],
  concurrency: 4,
  attemptTimeoutMs: 400,
  leaseMs: 600,
  pollMs: 20,
  retry: { scheduleMs: Array(40).fill(20), slowMs: 20, poisonAfter: 20 },
});
