import { expect } from 'vitest';
import { dayMs, general, hourMs, inWorld, minuteMs, type World, type WorldMessage } from '../reading-world.ts';
import type { Story } from './story.ts';

const list = `/teams/t1/channels/${general}/messages`;
const exported = '/teams/t1/channels/getAllMessages';

/** `count` roots, one an hour, the newest `ageMs` old. */
const roots = (count: number, ageMs: number, stepMs = hourMs): WorldMessage[] =>
  Array.from({ length: count }, (_, at) => ({ ageMs: ageMs + at * stepMs }));

const newest = (world: World) => world.ask(`SELECT count(*) FROM messages WHERE body.content LIKE '%new%'`);

async function expectNewIsRead(world: World, strategy: string): Promise<void> {
  await world.post({ type: 'post', channelId: general, content: 'new' });
  world.pass(20 * minuteMs);
  const report = await world.sync({ strategy });
  expect(report.outcome).toBe('partial');
  expect(await newest(world)).toEqual([['1']]);
}

const poison: readonly Story[] = [
  {
    lines: 1,
    expected: 'a list page that stays bad does not stop what is new, and is filled when it heals',
    play: ([one]) =>
      inWorld({ messages: roots(120, hourMs) }, async (world) => {
        const { status, body } = one.answer;
        await world.fault({ kind: 'answer', status, body, route: list, pages: [2] });
        const first = await world.sync({ strategy: 'recent' });
        expect(first.outcome).toBe('partial');
        expect(first.gaps.length).toBe(1);
        expect(await world.count('messages')).toBeGreaterThanOrEqual(50);
        world.pass(hourMs);
        await expectNewIsRead(world, 'recent');
        await world.heal();
        world.pass(10 * dayMs);
        expect((await world.sync({ strategy: 'recent' })).outcome).toBe('ok');
        expect(await world.count('messages')).toBe(121);
      }),
  },
  {
    lines: 1,
    expected: 'an export page that stays bad costs at most its own messages, which are named',
    play: ([, one]) =>
      inWorld(
        { messages: [...roots(5, dayMs), ...roots(30, 60 * dayMs), ...roots(120, 400 * dayMs)] },
        async (world) => {
          const { status, body } = one.answer;
          await world.fault({ kind: 'answer', status, body, route: exported, holds: { message: 60, of: 155 } });
          const first = await world.sync({ strategy: 'export' });
          expect(first.outcome).toBe('partial');
          expect(first.gaps.length).toBe(1);
          expect(await world.count('messages')).toBeGreaterThanOrEqual(155 - 50);
          world.pass(hourMs);
          await expectNewIsRead(world, 'export');
        },
      ),
  },
  {
    lines: 1,
    expected: 'a raw U+0001 in one message costs that message alone, once',
    play: () =>
      inWorld({ messages: roots(2_000, hourMs, 10 * minuteMs) }, async (world) => {
        await world.fault({
          kind: 'edit',
          edit: 'control-character',
          route: exported,
          holds: { message: 10, of: 2_000 },
        });
        await world.sync({ strategy: 'export' });
        expect(await world.count('messages')).toBeGreaterThanOrEqual(1_999);
        world.pass(hourMs);
        await world.post({ type: 'post', channelId: general, content: 'new' });
        world.pass(20 * minuteMs);
        const again = await world.sync({ strategy: 'export' });
        expect(again.tables['messages']?.rows ?? 0).toBeLessThan(50);
        expect(await newest(world)).toEqual([['1']]);
      }),
  },
  {
    lines: 1,
    expected: 'a thread whose replies stay bad is named; all roots are there',
    play: () =>
      inWorld(
        {
          messages: [
            { id: '1700000000001', ageMs: hourMs },
            ...Array.from({ length: 30 }, (_, at) => ({
              ageMs: 50 * minuteMs - at * minuteMs,
              replyToId: '1700000000001',
            })),
            ...roots(120, 2 * hourMs),
          ],
        },
        async (world) => {
          await world.twin.post('/behaviour', { inlineReplies: 20 });
          const route = `${list}/1700000000001/replies`;
          await world.fault({ kind: 'status', status: 502, route });
          const report = await world.sync({ strategy: 'recent' });
          expect(report.outcome).toBe('partial');
          expect(await world.count('messages')).toBe(121);
          expect(report.gaps.map(({ thread }) => thread)).toEqual(['1700000000001']);
        },
      ),
  },
];

const invalid: readonly Story[] = [
  {
    lines: 1,
    expected: 'a malformed page ends neither the run nor the other team',
    play: async () => {
      for (const strategy of ['recent', 'export'] as const) {
        await inWorld({ teams: ['t1', 't2'], messages: roots(60, dayMs) }, async (world) => {
          expect((await world.sync({ strategy })).outcome).toBe('ok');
          for (const teamId of ['t1', 't2']) await world.post({ type: 'post', teamId, content: 'new SECRETWORD' });
          world.pass(20 * minuteMs);
          await world.fault({ kind: 'edit', edit: 'control-character', holds: { message: -1, teamId: 't1' } });
          const report = await world.sync({ strategy });
          expect(report.outcome).toBe('partial');
          expect(report.error).toBeUndefined();
          expect([...report.skipped, ...report.gaps].map(({ code }) => code)).toContain('page_invalid');
          expect(await world.count('messages', "team_id = 't2'")).toBeGreaterThan(0);
          expect(JSON.stringify(report)).not.toContain('SECRETWORD');
        });
      }
    },
  },
  {
    lines: 1,
    expected: 'no text of a malformed page is in stdout, stderr or the report',
    play: () =>
      inWorld({ real: true, messages: roots(60, hourMs) }, async (world) => {
        for (const [strategy, ...json] of [['recent'], ['export', '--json']]) {
          const sync = () =>
            world.sluice(['sync', '--lake', `./${strategy}`, '--strategy', strategy!, '--limits', 'none', ...json]);
          expect((await sync()).code).toBe(0);
          await world.post({ type: 'post', channelId: general });
          await world.fault({ kind: 'edit', edit: 'text-after-colon', text: 'SECRETWORD', holds: { message: -1 } });
          const { code, out, err } = await sync();
          await world.heal();
          expect([code, `${out}${err}`.includes('SECRETWORD')]).toEqual([3, false]);
        }
      }),
  },
];

const shrunk = (path: string, table: string): Story => ({
  lines: 1,
  expected: `an empty answer to ${path} deletes nothing without a word; a flag allows it`,
  play: async () => {
    const teams = Array.from({ length: 10 }, (_, at) => `t${at + 1}`);
    await inWorld({ real: true, teams, users: 10, messages: roots(3, hourMs) }, async (world) => {
      const sync = (...args: string[]) =>
        world.sluice(['sync', '--lake', world.lake, '--limits', 'none', '--json', ...args]);
      expect((await sync()).code).toBe(0);
      await world.fault({ kind: 'answer', status: 200, body: { value: [] }, route: path });
      const { code, out } = await sync();
      expect(code).toBe(3);
      expect(await world.count(table)).toBe(10);
      const report = JSON.parse(out.trim().split('\n').at(-1)!);
      expect(report.skipped.some(({ message }: { message: string }) => /10\D+0/.test(message))).toBe(true);
      expect((await sync('--allow-shrink')).code).toBe(0);
      expect(await world.count(table)).toBe(0);
    });
  },
});

const links: Story = {
  lines: 1,
  expected: 'a chain whose inline replies are cut without a link is asked for at /replies',
  play: async ([one]) => {
    for (const inlineCount of [true, false]) {
      const replies = Array.from({ length: one.replies as number }, (_, at) => ({
        ageMs: dayMs - (at + 1) * 1000,
        replyToId: one.root.id as string,
      }));
      await inWorld({ messages: [{ id: one.root.id, ageMs: dayMs }, ...replies] }, async (world) => {
        await world.twin.post('/behaviour', { inlineReplies: one.inline, inlineLink: 'absent', inlineCount });
        await world.sync({ strategy: one.strategy });
        expect(await world.count('message_replies')).toBe(one.replies);
      });
    }
  },
};

/** The page of a channel that holds this one message, as the case words it. */
async function withMessage(message: unknown, story: (world: World) => Promise<void>): Promise<void> {
  await inWorld({}, async (world) => {
    await world.fault({ kind: 'answer', body: { value: [message] }, route: list });
    await story(world);
  });
}

const customReactions: Story = {
  lines: 2,
  expected: 'two custom reactions of one person and a like are three rows, and the report says three',
  play: ([message]) =>
    withMessage(message, async (world) => {
      const report = await world.sync({ strategy: 'recent' });
      expect(await world.count('message_reactions')).toBe(3);
      expect(report.tables['message_reactions']?.rows).toBe(3);
    }),
};

const sameKey: Story = {
  lines: 1,
  expected: 'two mentions with one id are two rows',
  play: ([message]) =>
    withMessage(message, async (world) => {
      const report = await world.sync({ strategy: 'recent' });
      expect(await world.ask('SELECT mentionText FROM message_mentions ORDER BY 1')).toEqual([['Ann'], ['Example']]);
      expect(report.tables['message_mentions']?.rows).toBe(2);
    }),
};

const refusals: Story = {
  lines: 1,
  expected: 'what is refused with 402 is read another way',
  play: ([one]) =>
    inWorld({ messages: roots(5, hourMs) }, async (world) => {
      const { status, body } = one.answer;
      await world.fault({ kind: 'answer', status, body, route: exported });
      const report = await world.sync();
      expect(report.outcome).toBe('ok');
      expect(report.fallbacks.map(({ from, to }) => [from, to])).toContainEqual(['export', 'recent']);
      expect(await world.count('messages')).toBe(5);
    }),
};

/** Pages that go wrong, and records in them. */
export const pageStories = {
  'poison-page': poison,
  'invalid-page-ends-run': invalid,
  'empty-listing': [shrunk('/teams', 'teams'), shrunk('/users', 'users')],
  'replies-link-missing': [links],
  'custom-reactions': [customReactions],
  'same-key-elements': [sameKey],
  'refusals-with-another-way': [refusals],
};
