import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { objectStoreConformance } from '../../../test/conformance/object-store.ts';
import {
  hourLater,
  message,
  messagesPage,
  openTestLake,
  rowsElsewhere,
  rowsOf,
  temporaryFolder,
} from '../../../test/support/lake-pages.ts';
import { tables } from '../../tables/index.generated.ts';
import { fileStore } from './file.ts';

const refusal = vi.hoisted(() => ({ code: 'ENOTSUP' }));

vi.mock('node:fs/promises', async (original) => ({
  ...(await original<typeof import('node:fs/promises')>()),
  link: async () => {
    throw Object.assign(new Error(refusal.code), { code: refusal.code });
  },
}));

objectStoreConformance('a folder on a file system without hard links', () => fileStore(temporaryFolder()));

describe('a file system without hard links', () => {
  it.each(['ENOTSUP', 'EOPNOTSUPP', 'EPERM', 'EXDEV', 'ENOSYS', 'EMLINK', 'EINVAL', 'EACCES', 'UNKNOWN'])(
    'holds a lake, whatever it says when it is asked for one: %s',
    { timeout: 120_000 },
    async (code) => {
      refusal.code = code;
      const store = fileStore(temporaryFolder());
      expect(await store.putIfAbsent('_log/1', Buffer.from('first'))).toBe(true);
      expect(await store.putIfAbsent('_log/1', Buffer.from('second'))).toBe(false);
      expect(Buffer.from((await store.get('_log/1'))!.bytes).toString()).toBe('first');
    },
  );

  it('shows nothing of a file whose maker died before it had all its bytes, and lets the next one make it', async () => {
    const folder = temporaryFolder();
    const store = fileStore(folder);
    // A crash while the content is written, under the hidden name that nobody asks for.
    mkdirSync(join(folder, '_log', '.1.dead.tmp'), { recursive: true });
    writeFileSync(join(folder, '_log', '.1.dead.tmp', 'content'), 'ha');
    expect(await store.get('_log/1')).toBeUndefined();
    expect(await store.putIfAbsent('_log/1', Buffer.from('whole'))).toBe(true);
    expect(readFileSync(join(folder, '_log', '1'), 'utf8')).toBe('whole');
  });

  it('keeps what its maker had won when it died before it could give it its name', async () => {
    const folder = temporaryFolder();
    const store = fileStore(folder);
    mkdirSync(join(folder, '_log', '.1.claim'), { recursive: true });
    writeFileSync(join(folder, '_log', '.1.claim', 'content'), 'the winner');
    expect(await store.putIfAbsent('_log/1', Buffer.from('the next one'))).toBe(false);
    expect(readFileSync(join(folder, '_log', '1'), 'utf8')).toBe('the winner');
  });

  it('holds a lake that is synced, shown, compacted and taken over', { timeout: 300_000 }, async () => {
    refusal.code = 'EOPNOTSUPP';
    const folder = temporaryFolder();
    const few = tables.filter(({ name }) => ['messages', 'message_reactions'].includes(name));
    for (const id of ['1', '2', '3']) {
      const lake = await openTestLake(folder, { tables: few, writer: { host: hourLater() } });
      const load = await lake.begin({ loadId: `run-${id}` });
      await load.append(messagesPage([message(id)]));
      load.advance('channel_messages', 't', { seen: id });
      await load.close();
      await lake.publish();
      await lake.compact();
      await lake.close();
    }
    const ids = [{ id: '1' }, { id: '2' }, { id: '3' }];
    expect(await rowsOf(folder, 'SELECT id FROM messages ORDER BY id')).toEqual(ids);
    const shown = join(folder, 'lake/current/messages');
    expect(await rowsElsewhere(`SELECT id FROM '${shown}/*.parquet' ORDER BY id`)).toEqual(ids);
    expect(readdirSync(shown).every((name) => name.endsWith('.parquet'))).toBe(true);
  });
});
