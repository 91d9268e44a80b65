import { expect, it } from 'vitest';
import { memoryStore } from '../lake/stores/memory.ts';
import { checkUnchanged, readCheckpoint } from './checkpoint.ts';

const NOW = Date.parse('2026-01-06T02:05:00Z');
const key = 'msteams/registry/latest_meeting_start.txt';

async function fileOf(text: string | Uint8Array | undefined) {
  const store = memoryStore();
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  if (bytes) await store.put(key, bytes);
  return { store, key };
}

it.each([
  ['as the original job writes it', '2026-01-05T02:05:00Z'],
  ['with an offset', '2026-01-05T03:05:00+01:00'],
  ['without one, which is UTC whatever the zone of the machine', '2026-01-05T02:05:00'],
  ['with a blank, as Python prints it', '2026-01-05 02:05:00+00:00'],
  ['with a byte order mark and a line end', '\uFEFF2026-01-05T02:05:00Z\r\n'],
])('an instant is read %s', async (_, text) => {
  const found = await readCheckpoint(await fileOf(text), NOW);
  expect(new Date(found!.throughMs).toISOString()).toBe('2026-01-05T02:05:00.000Z');
});

it('no file is a first run', async () => {
  expect(await readCheckpoint(await fileOf(undefined), NOW)).toBeUndefined();
});

it.each([
  ['an empty file', ''],
  ['a text', 'never'],
  ['a day that there is not', '2026-02-30T00:00:00Z'],
  ['a time that is to come', '2026-01-07T00:00:00Z'],
  ['two lines', '2026-01-05T02:05:00Z\n2026-01-05T02:06:00Z'],
  ['bytes that are no text', new Uint8Array([0xff, 0xfe, 0x00])],
  ['another file', 'x'.repeat(5_000)],
])('%s is no first run: it is refused, and not quoted', async (_, text) => {
  const refused = await readCheckpoint(await fileOf(text), NOW).catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: 'checkpoint_unreadable', recovery: 'user_action' });
  if (text.length > 0) expect(String((refused as Error).message)).not.toContain(String(text));
});

it('one that another run moved in the meantime stops this one', async () => {
  const file = await fileOf('2026-01-05T02:05:00Z');
  const found = await readCheckpoint(file, NOW);
  await checkUnchanged(file, found!);
  await file.store.put(key, new TextEncoder().encode('2026-01-06T02:00:00Z'));
  await expect(checkUnchanged(file, found!)).rejects.toMatchObject({ code: 'checkpoint_changed' });
});
