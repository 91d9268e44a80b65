import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { objectStoreConformance } from '../../../test/conformance/object-store.ts';
import { message, messagesPage, openTestLake, temporaryFolder } from '../../../test/support/lake-pages.ts';
import { tables } from '../../tables/index.generated.ts';
import { fsck } from '../health/fsck.ts';
import { queryLake } from '../query/query.ts';
import { storeBelow } from './below.ts';
import { memoryStore } from './memory.ts';

const empty = () => memoryStore({ scratchDir: temporaryFolder() });

objectStoreConformance('memory', empty, (copiesBytes) => {
  const fetched: string[] = [];
  const onFetch = (key: string) => fetched.push(key);
  return { store: memoryStore({ scratchDir: temporaryFolder(), copiesBytes, onFetch }), fetched };
});
objectStoreConformance('a folder of memory', () => storeBelow(empty(), 'tenant_id=x'));

it('holds a lake that is written, shown, compacted, asked and checked, without room for a copy that nobody reads', {
  timeout: 120_000,
}, async () => {
  const scratchDir = temporaryFolder();
  const store = memoryStore({ scratchDir, copiesBytes: 0 });
  const few = tables.filter(({ name }) => ['messages', 'message_reactions'].includes(name));
  for (const id of ['1', '2', '3']) {
    await using lake = await openTestLake(temporaryFolder(), { store, tables: few });
    const load = await lake.begin({ loadId: `run-${id}` });
    await load.append(messagesPage([message(id)]));
    load.advance('channel_messages', 't', { seen: id });
    await load.close();
    await lake.publish();
    await lake.compact();
  }
  const { rows } = await queryLake({ store, tables: few, sql: 'SELECT id FROM messages ORDER BY id' });
  expect(rows).toEqual([['1'], ['2'], ['3']]);
  expect((await fsck({ store, tables: few })).findings).toEqual([]);
  const left = readdirSync(scratchDir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  expect(left).toEqual([]);
});
