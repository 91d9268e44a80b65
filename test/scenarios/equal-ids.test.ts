import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { fastRuntime } from '../support/fast-runtime.ts';
import { ask, withFolder } from '../support/lake.ts';
import { runSync } from '../support/sync.ts';
import { startTwin } from '../support/twin.ts';

const runtime = fastRuntime(10);
const userId = '10000000-0000-4000-8000-000000000001';
const teamId = '20000000-0000-4000-8000-000000000001';
const channels = ['19:one@thread.tacv2', '19:two@thread.tacv2'];
const text = (content: string) => ({ from: userId, body: { contentType: 'text', content } });
const at = (second: number) => new Date(Date.UTC(2026, 0, 5, 9, 0, second)).toISOString();

/** The same root ids in both channels, and the same reply id in both threads of a channel. */
const messages = channels.flatMap((channelId) => [
  { id: '1001', channelId, createdDateTime: at(1), ...text(`${channelId} first`) },
  { id: '1002', channelId, createdDateTime: at(2), ...text(`${channelId} second`) },
  { id: '1003', channelId, replyToId: '1001', createdDateTime: at(3), ...text(`${channelId} below first`) },
  { id: '1003', channelId, replyToId: '1002', createdDateTime: at(3), ...text(`${channelId} below second`) },
]);

it('equal ids in two channels and two threads stay apart', async () => {
  await withFolder(async (folder) => {
    const files = {
      users: [{ id: userId, displayName: 'Ada' }],
      teams: [{ id: teamId, displayName: 'Team', members: [userId] }],
      channels: channels.map((id) => ({ id, teamId, displayName: id })),
      messages,
    };
    for (const [name, records] of Object.entries(files)) {
      await writeFile(join(folder, `${name}.jsonl`), records.map((record) => JSON.stringify(record)).join('\n'));
    }
    const twin = await startTwin({ tenant: folder, limits: 'none' }, { runtime });
    try {
      for (const strategy of ['export', 'recent', 'delta']) {
        const lake = join(folder, strategy);
        for (let run = 0; run < 2; run++) await runSync({ env: twin.env, lake, runtime, strategy });
        const found = await ask(
          lake,
          'SELECT body.content AS t FROM messages UNION ALL SELECT body.content FROM message_replies ORDER BY t',
        );
        expect(found.flat(), strategy).toEqual(messages.map(({ body }) => body.content).sort());
      }
    } finally {
      await twin.close();
    }
  });
});
