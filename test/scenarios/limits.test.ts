import { afterEach, describe, expect, it } from 'vitest';
import { COMPARED, currentRows, ledgerRows, withFolder } from '../support/lake.ts';
import { reportOf, runSluice, spawnTwin } from '../support/sluice.ts';
import { ofTeamTables } from '../support/team-tables.ts';
import { controlOf } from '../support/twin.ts';

interface Requests {
  readonly total: number;
  readonly throttled: number;
  readonly duringRetryAfter: number;
}

const tenantOf = (messages: number) =>
  ['--teams', '8', '--channels', '4', '--messages', String(messages), '--users', '60', '--seed', '11'] as const;
let stop = () => {};
afterEach(() => stop());

async function firstSync(messages: number, limits: readonly string[]) {
  const twin = await spawnTwin([...tenantOf(messages), ...limits]);
  stop = twin.stop;
  const control = controlOf(twin.url);
  return withFolder(async (lake) => {
    const finished = await runSluice(['sync', '--lake', lake, '--json', ...ofTeamTables], twin.env);
    const counts = await control.get<Requests>('/requests');
    for (const name of COMPARED) {
      expect(await currentRows(lake, name), name).toEqual(ledgerRows(name, await control.ledger(name)));
    }
    return {
      report: reportOf(finished),
      counts,
      idle: reportOf(await runSluice(['sync', '--lake', lake, '--json', ...ofTeamTables], twin.env)),
    };
  });
}

describe('a first sync', () => {
  it("keeps Graph's published limits: next to no 429, nothing sent before a Retry-After has passed", async () => {
    const { report, counts, idle } = await firstSync(150, ['--limits', 'published']);
    expect(report.outcome).toBe('ok');
    expect(counts.duringRetryAfter).toBe(0);
    expect(counts.throttled).toBeLessThanOrEqual(Math.max(2, counts.total / 100));
    expect(report.requests.total).toBe(counts.total);
    // Idle: one export per team, the lists of a snapshot, and what the overlap reads again.
    expect(Object.values(idle.tables).reduce((sum, { rows }) => sum + rows, 0)).toBe(0);
    expect(idle.requests.total).toBeLessThan(report.requests.total / 2);
  });

  it('finds its pace under a service four times stricter than published that often gives no Retry-After', async () => {
    // What is on the wire when a limit is met is refused: some thirty requests until the pace is found, however many follow.
    const { report, counts } = await firstSync(400, ['--strict', '4']);
    expect(report.outcome).toBe('ok');
    expect(counts.duringRetryAfter).toBe(0);
    expect(counts.throttled).toBeLessThanOrEqual(counts.total * 0.07);
  });
});
