import { expect, it, vi } from 'vitest';
import { allRows, allTruth } from '../../support/lake.ts';
import { hourMs, inWorld, minuteMs, type World } from '../../support/reading-world.ts';

// Whole syncs: slow on a busy machine.
vi.setConfig({ testTimeout: 240_000 });

const teams = ['t1', 't2', 't3', 't4'];
const channelOf = (at: number) => (at === 0 ? '19:c1@thread.tacv2' : `19:c1-${at}@thread.tacv2`);
const messages = teams.flatMap((_, team) =>
  Array.from({ length: 60 }, (_unused, at) => ({ channelId: channelOf(team), ageMs: hourMs + at * minuteMs })),
);

async function missing(world: World): Promise<string[]> {
  const truth = (await allTruth((table) => world.twin.ledger(table)))['messages']!;
  const rows = new Set((await allRows(world.lake, ['messages']))['messages']);
  return [...new Set(truth.filter((row) => !rows.has(row)).map((row) => row.split('|')[0]!))];
}

it.each(['export', 'recent', 'delta'])(
  '22: a team that answers 503 for long is named; by %s the others are read whole in the same run, and it when it heals',
  async (strategy) => {
    await inWorld({ teams, messages }, async (world) => {
      for (const route of ['/teams/t2', '/teams/t2/**']) await world.fault({ kind: 'status', status: 503, route });
      const sick = await world.sync({ strategy });
      expect(sick.outcome).toBe('partial');
      const named = [...sick.skipped, ...sick.gaps];
      expect(named.length).toBeGreaterThan(0);
      for (const { partition } of named) expect(partition).toMatch(/\bt2\b/);
      expect(await missing(world)).toEqual(['t2']);
      await world.heal();
      world.pass(hourMs);
      expect((await world.sync({ strategy })).outcome).toBe('ok');
      expect(await missing(world)).toEqual([]);
    });
  },
);
