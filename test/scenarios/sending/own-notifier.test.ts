import { mkdirSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { jsonLinesNotifier } from '../../../examples/notifiers/json-lines.ts';
import { openOutbox } from '../../../src/outbox/outbox.ts';
import { systemRuntime } from '../../../src/runtime/runtime.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-notifier-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const messages = ['first', 'second'].map((text) => ({
  id: text,
  notifier: 'record',
  destination: 'audit',
  payload: { text },
}));

it('delivers through the outbox, in order, each message once', async () => {
  await using outbox = await openOutbox({ url: 'sqlite::memory:', runtime: systemRuntime });
  const file = join(folder, 'record.jsonl');
  await outbox.enqueueMany(messages);
  await outbox.drain({ notifiers: [jsonLinesNotifier({ name: 'record', file })] });
  const lines = (await readFile(file, 'utf8')).trim().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ id: 'first' }, { id: 'second' }]);
  expect((await outbox.stats()).states).toMatchObject({ delivered: 2 });
});

it('is tried again when it could not write, and delivers then', async () => {
  await using outbox = await openOutbox({ url: 'sqlite::memory:', runtime: systemRuntime });
  const file = join(folder, 'later', 'record.jsonl');
  await outbox.enqueueMany(messages.slice(0, 1));
  const outcomes: unknown[] = [];
  await outbox.drain({
    notifiers: [jsonLinesNotifier({ name: 'record', file })],
    retry: { scheduleMs: [1] },
    observe: (event) => {
      if (event.kind === 'attempted') outcomes.push(event.errorCode ?? event.outcome);
      mkdirSync(join(folder, 'later'), { recursive: true });
    },
  });
  expect(outcomes).toEqual(['record_unwritable', 'delivered']);
  expect(await outbox.show('first')).toMatchObject({ state: 'delivered', receipt: 'first', attempts: 2 });
});
