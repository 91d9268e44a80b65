import { expect } from 'vitest';
import { dayMs, hourMs, inWorld, minuteMs, second } from '../reading-world.ts';
import type { Story } from './story.ts';

const late: readonly Story[] = [
  {
    lines: 1,
    expected: 'a channel that is restored is read to its end',
    play: () =>
      inWorld({ messages: [{ ageMs: dayMs }, { ageMs: dayMs, channelId: second }] }, async (world) => {
        await world.sync();
        world.pass(20 * minuteMs);
        await world.post({ type: 'post', channelId: second, content: 'before the deletion' });
        world.pass(20 * minuteMs);
        await world.post({ type: 'deleteChannel', channelId: second });
        await world.sync();
        world.pass(hourMs);
        await world.sync();
        await world.post({ type: 'restoreChannel', channelId: second });
        expect((await world.sync()).outcome).toBe('ok');
        expect(await world.count('messages', "body.content LIKE '%before the deletion%'")).toBe(1);
      }),
  },
  {
    lines: 1,
    expected: 'a channel that is imported with old messages is read to its beginning',
    play: () =>
      inWorld({ messages: [{ ageMs: dayMs }] }, async (world) => {
        await world.sync();
        world.pass(dayMs);
        await world.post({ type: 'import', migrationMode: 'completed', from: '2004-01-01T00:00:00Z', messages: 40 });
        expect((await world.sync()).outcome).toBe('ok');
        const rows = (await world.count('messages')) + (await world.count('message_replies'));
        expect(rows).toBe(41);
      }),
  },
];

const since: Story = {
  lines: 1,
  expected: 'a wider --since later reads what is missing, or says that it does not',
  play: () =>
    inWorld({ real: true, messages: [{ ageMs: 5 * dayMs }, { ageMs: 100 * dayMs }] }, async (world) => {
      const sync = (days: number) => {
        const date = new Date(Date.now() - days * dayMs).toISOString().slice(0, 10);
        return world.sluice(['sync', '--lake', world.lake, '--limits', 'none', '--since', date]);
      };
      expect((await sync(10)).code).toBe(0);
      const { out, err } = await sync(500);
      if ((await world.count('messages')) === 1) expect(`${out}${err}`).toMatch(/--since/);
      else expect(await world.count('messages')).toBe(2);
    }),
};

/** What was not there at the mark, and is there now. */
export const visibilityStories = { 'late-visible-channel': late, since: [since] };
