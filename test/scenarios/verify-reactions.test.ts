import { describe, expect, it, vi } from 'vitest';
import { cli, jsonOf } from '../support/cli.ts';
import { fastRuntime } from '../support/fast-runtime.ts';
import { ask, currentRows, ledgerRows, withFolder } from '../support/lake.ts';
import { runSync, type SyncCall } from '../support/sync.ts';
import { startTwin, type TestTwin } from '../support/twin.ts';

// Whole syncs: slow on a busy machine.
vi.setConfig({ testTimeout: 400_000 });

const dayMs = 86_400_000;
const MESSAGES = ['messages', 'message_replies'] as const;
const tables = [...MESSAGES, 'message_reactions'];

/** A tenant that was read, in which people have reacted since without any time that says so. */
async function reacted(
  strategy: string,
  use: (world: {
    readonly twin: TestTwin;
    readonly lake: string;
    read(how?: Partial<SyncCall>): ReturnType<typeof runSync>;
    /** How many messages have changed unseen, so much that their rows differ. */
    readonly changed: number;
  }) => Promise<void>,
): Promise<void> {
  await withFolder(async (lake) => {
    const runtime = fastRuntime(20);
    const twin = await startTwin(
      { teams: 2, channels: 2, messages: 30, users: 10, seed: 4, limits: 'none' },
      { runtime },
    );
    const read = (how: Partial<SyncCall> = {}) => runSync({ env: twin.env, lake, runtime, tables, strategy, ...how });
    try {
      expect((await read()).outcome).toBe('ok');
      // Behind the minutes that every run reads again: a month ago at the most, replies among them.
      const old = await ask(
        lake,
        `SELECT channel_id, coalesce(parent_message_id, id), CASE WHEN parent_message_id IS NOT NULL THEN id END
          FROM (FROM messages UNION ALL BY NAME FROM message_replies)
          WHERE lastModifiedDateTime < now() AND deletedDateTime IS NULL AND messageType = 'message'
          ORDER BY lastModifiedDateTime DESC OFFSET 20 LIMIT 12`,
      );
      const [{ id: userId } = {}] = await twin.ledger('users');
      expect(old.filter(([, , reply]) => reply !== null).length).toBeGreaterThan(0);
      for (const [channelId, messageId, replyId] of old) {
        const target = { channelId, messageId, ...(replyId !== null && { replyId }) };
        await twin.post('/events', { type: 'react', ...target, userId, reactionType: '🙈', unseen: true });
      }
      await use({ twin, lake, read, changed: old.length });
    } finally {
      await twin.close();
    }
  });
}

const all = { verify: { windowMs: 3650 * dayMs, maxRecords: 1_000_000 } };
const reactionsOf = async (twin: TestTwin) => ledgerRows('message_reactions', await twin.ledger('message_reactions'));

describe.each(['export', 'recent', 'delta', 'full'])('reactions that move no time, by %s', (strategy) => {
  it('are found by a second look, replies among them, and nothing else lands', () =>
    reacted(strategy, async ({ twin, lake, read, changed }) => {
      const report = await read(all);
      expect(report).toMatchObject({ outcome: 'ok', skipped: [], gaps: [], unfinished: [] });
      expect(report.verified).toMatchObject({ failed: 0, isComplete: true });
      // Lists show the newest page in every run, and delta is told.
      if (strategy === 'export') expect(report.verified?.changed).toBe(changed);
      const messages = await Promise.all(MESSAGES.map((table) => twin.ledger(table)));
      expect(report.verified!.records).toBeGreaterThanOrEqual(messages.flat().length);
      expect(await currentRows(lake, 'message_reactions')).toEqual(await reactionsOf(twin));
      const rows = MESSAGES.reduce((sum, table) => sum + report.tables[table]!.rows, 0);
      expect(rows).toBe(changed);
      const idle = await read(all);
      expect([idle.verified?.changed, idle.tables['messages']!.rows]).toEqual([0, 0]);
    }));
});

it('a limit holds for the whole run; the next ones go on until the window is done, and then begin anew', () =>
  reacted('export', async ({ twin, lake, read, changed }) => {
    const verify = { ...all.verify, maxRecords: 100 };
    let found = 0;
    let runs = 0;
    for (let isComplete = false; !isComplete; runs += 1) {
      const report = await read({ verify });
      expect(report.outcome).toBe('ok');
      // Pages that are under way when it is reached are read whole: of four ranges, and the look at what moved.
      expect(report.verified!.records).toBeLessThanOrEqual(100 + 5 * 50);
      found += report.verified!.changed;
      isComplete = report.verified!.isComplete;
      expect(runs).toBeLessThan(20);
    }
    expect(runs).toBeGreaterThan(2);
    expect(found).toBe(changed);
    expect(await currentRows(lake, 'message_reactions')).toEqual(await reactionsOf(twin));
    expect((await read({ verify })).verified).toMatchObject({ changed: 0, isComplete: false });
  }));

it('a window leaves out what is older, and the marks of runs stand where they stood', () =>
  reacted('export', async ({ read }) => {
    const plain = await read();
    const report = await read({ verify: { windowMs: 60_000, maxRecords: 1000 } });
    expect(report.verified).toMatchObject({ changed: 0, isComplete: true });
    expect(report.verified!.records).toBeLessThan(60);
    expect((await read()).requests.total).toBe(plain.requests.total);
  }));

it('what cannot be read is counted, named, and tried with the next window', () =>
  reacted('export', async ({ twin, read, changed }) => {
    const [{ team_id: teamId } = {}] = await twin.ledger('channels');
    // The first request of a run is the incremental one.
    await twin.post('/faults', {
      kind: 'status',
      status: 403,
      route: `/teams/${teamId}/channels/getAllMessages`,
      nth: Array.from({ length: 60 }, (_, at) => at + 2),
    });
    const report = await read(all);
    expect(report.verified).toMatchObject({ failed: 1, isComplete: true });
    expect(report).toMatchObject({ outcome: 'partial', skipped: [{ resource: 'channel_messages' }] });
    await twin.delete('/faults');
    const next = await read(all);
    expect(next.outcome).toBe('ok');
    expect(report.verified!.changed + next.verified!.changed).toBe(changed);
    expect(next.verified!.changed).toBeGreaterThan(0);
  }));

it.each(['export', 'recent', 'delta'])('of chats are found too, each once, whoever has the chat, by %s', (strategy) =>
  withFolder(async (lake) => {
    const runtime = fastRuntime(20);
    const twin = await startTwin(
      { teams: 1, channels: 1, messages: 40, users: 8, chats: 6, seed: 4, limits: 'none' },
      { runtime },
    );
    const ofChats = ['chat_messages', 'chat_message_reactions'];
    const read = (how: Partial<SyncCall> = {}) =>
      runSync({ env: twin.env, lake, runtime, tables: ofChats, strategy, ...how });
    try {
      await read();
      const old = await ask(
        lake,
        `SELECT chat_id, id FROM chat_messages WHERE lastModifiedDateTime < now() AND deletedDateTime IS NULL
          AND messageType = 'message' ORDER BY lastModifiedDateTime DESC OFFSET 5 LIMIT 5`,
      );
      for (const [chatId, messageId] of old)
        await twin.post('/events', { type: 'reactInChat', chatId, messageId, reactionType: '🙈', unseen: true });
      const report = await read(all);
      expect(report).toMatchObject({ error: undefined, outcome: 'ok' });
      expect(report.verified).toMatchObject({ failed: 0, isComplete: true });
      expect(report.tables['chat_messages']!.rows).toBe(old.length);
      expect(await currentRows(lake, 'chat_message_reactions')).toEqual(
        ledgerRows('chat_message_reactions', await twin.ledger('chat_message_reactions')),
      );
    } finally {
      await twin.close();
    }
  }),
);

it('sluice sync takes it and says what it found', () =>
  reacted('export', async ({ twin, lake, changed }) => {
    const args = ['sync', '--tables', tables.join(','), '--lake', lake, '--limits', 'none'];
    const days = ['--verify-reactions', '--verify-reactions-days', '365'];
    const found = jsonOf(await cli([...args, ...days, '--json'], twin.env));
    expect(found).toMatchObject({ outcome: 'ok', verified: { failed: 0, isComplete: true } });
    expect(found.verified.changed).toBeLessThanOrEqual(changed);
    const answer = await cli([...args, ...days, '--verify-reactions-messages', '10'], twin.env);
    expect(answer.out).toMatch(/Read once more: \d+ messages, 0 were changed unseen\. The next run goes on/);
    expect((await cli(args, twin.env)).out).not.toContain('Read once more');
  }));
