import { expect, it, vi } from 'vitest';
import { hourMs, inWorld } from '../../support/reading-world.ts';
import { ofTeamTables } from '../../support/team-tables.ts';

// Processes of their own: slow on a busy machine.
vi.setConfig({ testTimeout: 240_000 });

interface Checked {
  readonly tables: readonly { readonly table: string; readonly ok: boolean; readonly answer: string }[];
}

it('30: check asks Graph once for each kind of data, and says well only what was answered', async () => {
  await inWorld({ real: true, messages: [{ ageMs: hourMs }] }, async (world) => {
    const check = () => world.sluice(['check', '--json', ...ofTeamTables]);
    const well = await check();
    expect(well.code).toBe(0);
    expect(new Set((JSON.parse(well.out) as Checked).tables.map(({ answer }) => answer))).toEqual(new Set(['read']));

    await world.fault({ kind: 'forbidden', route: '/users' });
    await world.fault({ kind: 'forbidden', route: '/teams/{id}/channels/getAllMessages' });
    const refused = await check();
    expect(refused.code).toBe(3);
    const { tables } = JSON.parse(refused.out) as Checked;
    expect(tables.filter(({ ok }) => !ok).map(({ table }) => table)).toEqual(['users']);

    await world.heal();
    await world.fault({ kind: 'status', status: 503, route: '/**' });
    expect((await check()).code).toBe(1);
  });
});

it('30: check does not say well when Graph cannot be reached', async () => {
  await inWorld({ real: true }, async (world) => {
    // Nobody listens at the discard port.
    const gone = await world.sluice(['check'], { TEAMS_GRAPH_URL: 'http://127.0.0.1:9/v1.0' });
    expect(gone.code).toBe(1);
    expect(gone.err).toMatch(/network_error/);
  });
});
