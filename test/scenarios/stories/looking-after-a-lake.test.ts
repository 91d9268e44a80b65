import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { type Answer, cli, jsonOf } from '../../support/cli.ts';
import { withoutColumns, withoutTable } from '../../support/older-release.ts';
import { dayMs, general, inWorld, second, type World } from '../../support/reading-world.ts';

// Whole syncs: slow on a busy machine.
vi.setConfig({ testTimeout: 240_000 });

const messages = [
  { id: 'a', ageMs: 3 * dayMs },
  { id: 'b', ageMs: 2 * dayMs, channelId: second },
  { id: 'c', replyToId: 'a', ageMs: dayMs },
];
const options = { real: true, messages };
const run = (world: World, ...args: string[]): Promise<Answer> =>
  cli([...args, '--lake', world.lake], { ...world.twin.env });
const online = ['--limits', 'none'];

it('7: a column of a new release is planned, named, refreshed, and then nothing is missing', async () => {
  await inWorld(options, async (world) => {
    await world.sync({ release: withoutColumns('messages', ['subject']) });
    const plan = await run(world, 'plan', '--json');
    expect([plan.code, jsonOf(plan).notFilled]).toMatchObject([3, [{ table: 'messages', column: 'subject' }]]);
    const synced = await run(world, 'sync', ...online);
    expect([synced.code, synced.out]).toEqual([3, expect.stringContaining('sluice refresh messages')]);
    expect(jsonOf(await run(world, 'status', '--json'))).toMatchObject({
      isMissing: true,
      notFilled: [{ code: 'column_not_filled', table: 'messages', column: 'subject', partitions: 1 }],
      lastRun: { command: 'sync', outcome: 'partial' },
      writer: { is: 'nobody' },
    });
    const cost = await run(world, 'refresh', 'messages', '--dry-run', '--json', ...online);
    expect([cost.code, jsonOf(cost).notFilled]).toEqual([0, []]);
    const refreshed = await run(world, 'refresh', 'messages', '--json', ...online);
    expect([refreshed.code, jsonOf(refreshed)]).toMatchObject([0, { outcome: 'ok', notFilled: [] }]);
    const status = await run(world, 'status');
    expect([status.code, status.out]).toEqual([0, expect.stringContaining('Nothing is missing.')]);
    const history = await run(world, 'history', '--json');
    const runs = history.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(runs.map(({ command, outcome, exitCode }) => [command, outcome, exitCode])).toEqual([
      ['refresh', 'ok', 0],
      ['sync', 'partial', 3],
      ['sync', 'ok', 0],
    ]);
  });
});

it('7: a table of a new release is planned as what it costs', async () => {
  await inWorld(options, async (world) => {
    await world.sync({ release: withoutTable('message_replies') });
    const plan = await run(world, 'plan');
    expect([plan.code, plan.out]).toEqual([0, expect.stringContaining('New: message_replies')]);
    expect((await run(world, 'status')).code).toBe(3);
    expect((await run(world, 'sync', ...online)).code).toBe(0);
    expect(await world.count('message_replies')).toBe(1);
  });
});

it('7: a reset asks, forgets, and deletes no row', async () => {
  await inWorld(options, async (world) => {
    await world.sync({ tables: ['messages', 'call_records'] });
    await world.sync();
    const unasked = await run(world, 'reset');
    expect([unasked.code, unasked.err]).toEqual([2, expect.stringContaining('confirmation_needed')]);
    expect((await cli(['reset', '--lake', world.lake], {}, ['no'])).code).toBe(2);
    expect((await run(world, 'status')).code).toBe(0);
    const done = await cli(['reset', '--lake', world.lake, '--table', 'messages', 'call_records'], {}, ['yes']);
    expect(done.code).toBe(0);
    expect(done.out).toContain('reads the call records of the tenant and the channel messages of 1 team from');
    expect((await run(world, 'status')).code).toBe(3);
    expect(await world.count('messages')).toBe(2);
    // What was read before is not fresh any more.
    const synced = await run(world, 'sync', '--fresh-since', '1h', '--json', ...online);
    expect(jsonOf(synced)).toMatchObject({ outcome: 'ok', tables: { messages: { rows: 0 } } });
    expect(jsonOf(synced).freshSince).toBeUndefined();
    expect((await run(world, 'status')).code).toBe(0);
    const again = await run(world, 'sync', '--fresh-since', '1h', '--json', ...online);
    expect(jsonOf(again).freshSince).toBeDefined();
  });
});

it('7: the state shows how far each place was read; without a table all of them are forgotten', async () => {
  await inWorld(options, async (world) => {
    await world.sync({ tables: ['messages', 'call_records'] });
    const shown = async (...args: readonly string[]) => {
      const { out } = await run(world, 'state', 'show', '--json', ...args);
      return out
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line))
        .map(({ resource, partition, through, isOpen, gaps }) => [resource, partition, Boolean(through), isOpen, gaps]);
    };
    const [team, calls] = [
      ['channel_messages', 'team:t1', true, false, 0],
      ['call_records', 'tenant', true, false, 0],
    ];
    expect((await shown()).sort()).toEqual([calls, team]);
    expect(await shown('--table', 'message_replies')).toEqual([team]);
    expect(await shown('--partition', second)).toEqual([team]);
    expect((await run(world, 'state', 'show')).out).toMatch(/channel_messages +team:t1 +2/);
    const forgotten = jsonOf(await run(world, 'state', 'reset', '--yes', '--json'));
    expect(forgotten.partitions).toEqual(['call_records/tenant', 'channel_messages/team:t1']);
    expect(await shown()).toEqual([['channel_messages', 'team:t1', false, true, 0]]);
  });
});

it('7: one channel is put back by its id, in whatever way it is written', async () => {
  await inWorld(options, async (world) => {
    await world.sync();
    for (const name of [second, `t1/${second}`, `channel:t1/${second}`]) {
      const reset = await run(world, 'reset', '--partition', name, '--yes', '--json');
      expect(jsonOf(reset).partitions).toEqual([`channel_messages/channel:t1/${second}`]);
    }
    const refreshed = await run(world, 'refresh', 'messages', '--partition', second, '--json', ...online);
    expect(jsonOf(refreshed)).toMatchObject({ outcome: 'ok' });
    expect((await run(world, 'status')).code).toBe(0);
  });
});

it('7: an unknown table or partition is refused with the valid ones', async () => {
  await inWorld(options, async (world) => {
    await world.sync();
    for (const args of [
      ['refresh', 'message'],
      ['reset', '--table', 'message', '--yes'],
    ]) {
      expect(await run(world, ...args)).toMatchObject({ code: 2, err: expect.stringContaining('message_replies') });
    }
    for (const args of [
      ['refresh', 'messages', '--partition', 'nope'],
      ['reset', '--partition', 'nope', '--yes'],
    ]) {
      expect(await run(world, ...args)).toMatchObject({ code: 2, err: expect.stringContaining(`t1/${general}`) });
    }
    expect(await run(world, 'refresh', 'users', '--partition', 't1')).toMatchObject({ code: 2 });
  });
});

it('7: a run that failed or was killed stands in the history as such', async () => {
  await inWorld(options, async (world) => {
    const env = { ...world.twin.env, TEAMS_CLIENT_SECRET: 'wrong' };
    expect((await cli(['sync', '--lake', world.lake, ...online], env)).code).toBe(1);
    const failed = jsonOf(await run(world, 'history', '--json'));
    expect(failed).toMatchObject({ outcome: 'failed', exitCode: 1, error: { code: 'client_secret_wrong' } });
    await world.sync();
    const file = join(world.lake, '_runs.json');
    const log = JSON.parse(await readFile(file, 'utf8'));
    // As a killed run leaves it: it began, and its lease is over.
    log.runs[0] = { ...log.runs[0], outcome: 'running' };
    await writeFile(file, JSON.stringify(log));
    const [last] = (await run(world, 'history', '--json')).out.trim().split('\n');
    expect(JSON.parse(last!)).toMatchObject({ outcome: 'killed' });
    await world.sync();
    expect((await run(world, 'history')).out).toContain('killed');
  });
});

it('7: a permission that is granted later reads what was refused to its beginning', async () => {
  await inWorld(options, async (world) => {
    await world.twin.post('/permissions', { withhold: ['ChannelMessage.Read.All', 'User.Read.All'], atOnce: true });
    const refused = await world.sync();
    expect(refused.outcome).toBe('partial');
    expect(new Set(refused.skipped.map(({ resource }) => resource))).toEqual(new Set(['users', 'channel_messages']));
    await world.twin.post('/permissions', { grant: ['ChannelMessage.Read.All', 'User.Read.All'], atOnce: true });
    expect(await world.sync()).toMatchObject({ outcome: 'ok', notFilled: [] });
    for (const table of ['messages', 'message_replies', 'users']) {
      expect(await world.count(table)).toBe((await world.twin.ledger(table)).length);
    }
  });
});

it('7: channels that may be listed later are read to their beginning where export could not', async () => {
  await inWorld(options, async (world) => {
    await world.post({ type: 'import', migrationMode: 'completed', from: '2004-01-01T00:00:00Z', messages: 120 });
    const { granted } = await world.twin.get<{ granted: string[] }>('/permissions');
    await world.twin.post('/permissions', {
      withhold: granted.filter((one) => /^(Channel\.|ChannelSettings\.|Group\.)/.test(one)),
      atOnce: true,
    });
    expect((await world.sync()).outcome).toBe('partial');
    await world.twin.post('/permissions', { granted, atOnce: true });
    world.pass(dayMs);
    expect((await world.sync()).outcome).toBe('ok');
    for (const table of ['messages', 'message_replies', 'channels']) {
      expect(await world.count(table)).toBe((await world.twin.ledger(table)).length);
    }
  });
});
