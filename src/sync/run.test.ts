import { describe, expect, it } from 'vitest';
import { FakeGraph, noFiles, refusal } from '../../test/support/fake-graph.ts';
import { FakeLoad, noContents } from '../../test/support/fake-load.ts';
import { SluiceError } from '../errors/sluice-error.ts';
import type { GraphClient, Page, PageRequest } from '../graph/types.ts';
import type { Lake, PartitionKey, Position } from '../lake/types.ts';
import { systemRuntime } from '../runtime/runtime.ts';
import type { TableShape } from '../schema/column.ts';
import { declaredFact } from './declared.ts';
import type { SyncEvent } from './report.ts';
import { sync } from './run.ts';

const HOUR = 3_600_000;
const signal = new AbortController().signal;
const ALL = ['Team.ReadBasic.All', 'Channel.ReadBasic.All', 'ChannelMessage.Read.All', 'TeamMember.Read.All'];

const table = (name: string, resource: string): TableShape => ({
  name,
  resource,
  description: name,
  ingestionType: 'cdc',
  primaryKey: ['id'],
  columns: {},
});
const tables = [table('teams', 'teams'), table('channels', 'channels'), table('messages', 'channel_messages')];

/** A tenant of two teams, one channel each, in front of {@link FakeGraph}'s messages. */
class FakeTenant implements GraphClient {
  readonly messages = new FakeGraph();
  granted: readonly string[] = ALL;
  teamIds = ['t1', 't2'];
  refuse: (request: PageRequest) => void = () => {};
  membershipType = 'standard';

  readonly stats = this.messages.stats;
  readonly file = noFiles;
  permissions = async () => new Set(this.granted);
  close = async () => {};

  async page(request: PageRequest): Promise<Page> {
    this.refuse(request);
    if (/messages/i.test(request.url)) return this.messages.page(request);
    const value = request.route === '/teams' ? this.teamIds.map((id) => ({ id })) : this.#lists(request);
    return {
      bytes: new TextEncoder().encode(JSON.stringify({ value })),
      replyLinks: [],
      receivedAtMs: 0,
      serviceTimeMs: this.messages.nowMs,
    };
  }

  #lists({ route, ids }: PageRequest): unknown[] {
    return route.endsWith('/channels')
      ? [{ id: `c-${ids!['team-id']}`, membershipType: this.membershipType }]
      : [{ id: ids!['team-id'] }];
  }
}

function setup() {
  const graph = new FakeTenant();
  const load = new FakeLoad();
  const positions = new Map<PartitionKey, Position>();
  const lake: Lake = {
    version: 7,
    tables,
    facts: declaredFact(tables),
    note: async () => {},
    heldColumns: async () => new Map(),
    keptPages: async () => undefined,
    runs: async () => undefined,
    keepRuns: async () => {},
    positions: () => positions,
    written: () => new Set(),
    begin: async () => load,
    publish: async () => [],
    contents: noContents,
    compact: async () => ({ tables: {}, feedFrom: 0, orphansRemoved: 0, contentsRemoved: 0 }),
    repair: async () => ({ restored: [], dropped: [], landedAgain: [], forgotten: [] }),
    close: async () => {},
    [Symbol.asyncDispose]: async () => {},
  };
  const events: SyncEvent[] = [];
  const run = (options: object = {}) =>
    sync({ graph, lake, tables, runtime: systemRuntime, onEvent: (event) => events.push(event), ...options }, signal);
  return { graph, load, lake, positions, events, run };
}

describe('sync', () => {
  it('reports its own requests when a client serves several runs', async () => {
    const { graph, run } = setup();
    graph.stats.requests = 5;
    graph.refuse = () => {
      graph.stats.requests += 1;
    };
    const first = await run();
    const second = await run();
    expect(first.requests.total).toBeGreaterThan(0);
    expect(graph.stats.requests).toBe(5 + first.requests.total + second.requests.total);
  });

  it('reads messages by export and everything else as snapshots', async () => {
    const { graph, load, run } = setup();
    graph.messages.messages.push({
      id: 'm',
      channelId: 'c-t1',
      createdMs: graph.messages.nowMs - HOUR,
      modifiedMs: graph.messages.nowMs - HOUR,
    });
    const report = await run();
    expect(report).toMatchObject({
      outcome: 'ok',
      strategies: { channel_messages: 'export', teams: 'snapshot' },
      version: 7,
      skipped: [],
    });
    expect(load.landedIds()).toEqual(new Set(['m']));
    expect([...load.replaced.keys()].sort()).toEqual(['channels/t1', 'channels/t2', 'teams/t1', 'teams/t2']);
    expect(load.retained.get('channels')).toEqual(new Set(['t1', 't2']));
  });

  it('falls back to the list, channel by channel, when a team refuses export', async () => {
    const { graph, load, run } = setup();
    graph.refuse = ({ url, ids }) => {
      if (url.includes('getAllMessages') && ids!['team-id'] === 't2') throw refusal(403, 'permission_missing');
    };
    const report = await run();
    expect(report.outcome).toBe('ok');
    expect(report.fallbacks).toEqual([
      { resource: 'channel_messages', partition: 'team:t2', from: 'export', to: 'recent', code: 'permission_missing' },
    ]);
    expect([...load.positions.keys()].sort()).toEqual([
      'channel_messages/channel:t2/c-t2',
      'channel_messages/cover:t1',
      'channel_messages/team:t1',
    ]);
  });

  it('reads shared channels by list, since export leaves them out', async () => {
    const { graph, load, run } = setup();
    graph.membershipType = 'shared';
    await run();
    expect(load.positions.has('channel_messages/channel:t1/c-t1')).toBe(true);
  });

  it('continues an export at the mark of channels that were read one by one, and the other way round', async () => {
    const { graph, positions, run } = setup();
    const through = new Date(graph.messages.nowMs - HOUR).toISOString();
    positions.set('channel_messages/channel:t1/c-t1', { through });
    positions.set('channel_messages/team:t2', { through });
    await run();
    const exports = graph.messages.requests.filter(({ url }) => url.includes('getAllMessages'));
    expect(exports.map(({ ids }) => ids!['team-id']).sort()).toEqual(['t1', 't2']);
    graph.messages.requests.length = 0;
    await run({ strategy: 'recent' });
    expect(graph.messages.requests.filter(({ ids }) => ids!['team-id'] === 't2')).toHaveLength(1);
  });

  it('goes on with the others when one team is gone, deletes nothing of it, and says so', async () => {
    const { graph, load, events, run } = setup();
    graph.refuse = ({ ids }) => {
      if (ids?.['team-id'] === 't2') throw refusal(404, 'team_not_found');
    };
    const report = await run();
    expect(report.outcome).toBe('partial');
    expect(new Set(report.skipped.map(({ resource }) => resource))).toEqual(
      new Set(['teams', 'channels', 'channel_messages']),
    );
    expect(report.skipped.every(({ code }) => code === 'team_not_found')).toBe(true);
    expect(load.retained.get('channels')).toContain('t2');
    expect([...load.replaced.keys()]).not.toContain('channels/t2');
    expect(events.at(-1)).toBe(report);
  });

  it('names the missing permission and reads the tables that are allowed', async () => {
    const { graph, run } = setup();
    graph.granted = ['Team.ReadBasic.All', 'Channel.ReadBasic.All'];
    graph.refuse = ({ route }) => {
      if (route.includes('essages')) throw refusal(403, 'permission_missing');
    };
    const report = await run();
    expect(report.skipped.length).toBeGreaterThan(0);
    for (const skipped of report.skipped) {
      expect(skipped).toMatchObject({
        resource: 'channel_messages',
        code: 'permission_missing',
        permission: 'ChannelMessage.Read.All',
      });
    }
    expect(report.outcome).toBe('partial');
  });

  it('reads what the token does not show: only a refusal of Graph is a refusal', async () => {
    const { graph, run } = setup();
    graph.granted = [];
    const report = await run();
    expect(report.skipped).toEqual([]);
    expect(report.outcome).toBe('ok');
  });

  it('fails as a whole, with the reason, when the teams cannot be listed', async () => {
    const { graph, load, run } = setup();
    graph.refuse = ({ route }) => {
      if (route === '/teams') throw refusal(503, 'service_unavailable');
    };
    const report = await run();
    expect(report).toMatchObject({ outcome: 'failed', error: { code: 'service_unavailable' } });
    expect(load.retained.size).toBe(0);
  });

  it('drops what is not committed when the lake fails', async () => {
    const { load, run } = setup();
    let abandoned = false;
    load.append = async () => {
      throw new SluiceError({ code: 'lake_disk_full', recovery: 'user_action', surface: 'lake', message: 'full' });
    };
    load.abandon = async () => {
      abandoned = true;
    };
    expect(await run()).toMatchObject({ outcome: 'failed', error: { code: 'lake_disk_full' } });
    expect(abandoned).toBe(true);
  });

  it('reads only the chosen teams, without listing or deleting any', async () => {
    const { graph, load, run } = setup();
    await run({ teams: ['t2'] });
    expect([...load.replaced.keys()].sort()).toEqual(['channels/t2', 'teams/t2']);
    expect(load.retained.size).toBe(0);
    expect(graph.messages.requests.every(({ ids }) => ids!['team-id'] === 't2')).toBe(true);
  });

  it('reads only the chosen channels, and names those that are nowhere', async () => {
    const { graph, load, run } = setup();
    const report = await run({ channels: ['c-t2', 'c-nowhere'] });
    expect([...load.positions.keys()]).toEqual(['channel_messages/channel:t2/c-t2']);
    expect(graph.messages.requests.some(({ url }) => url.includes('getAllMessages'))).toBe(false);
    expect(report).toMatchObject({
      outcome: 'partial',
      skipped: [{ partition: 'c-nowhere', code: 'channel_not_found' }],
    });
    expect(load.retained.size).toBe(0);
  });

  it.each([Date.parse('2130-01-01'), Number.NaN, Number.POSITIVE_INFINITY])(
    'refuses a history that begins at %d: it would read nothing',
    async (sinceMs) => {
      const { run, graph } = setup();
      await expect(run({ sinceMs })).rejects.toMatchObject({ code: 'since_in_the_future', recovery: 'user_action' });
      expect(graph.stats.requests).toBe(0);
    },
  );

  it('refuses an unknown strategy and names the valid ones', async () => {
    await expect(setup().run({ strategy: 'magic' })).rejects.toMatchObject({
      code: 'unknown_value',
      details: { valid: expect.arrayContaining(['export', 'delta']) },
    });
  });
});
