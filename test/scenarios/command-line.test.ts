import { describe, expect, it } from 'vitest';
import { commands } from '../../src/cli/commands.ts';
import { demoQueries } from '../../src/cli/demo-queries.ts';
import { createProgram } from '../../src/cli/program.ts';
import { withFolder } from '../support/lake.ts';
import { reportOf, runSluice } from '../support/sluice.ts';
import { startTwin } from '../support/twin.ts';

const silent = {
  out: () => {},
  err: () => {},
  read: async () => new Uint8Array(),
  live: false,
  columns: 100,
  env: {},
  signal: new AbortController().signal,
};
const program = await createProgram(silent, () => {});

describe('sluice', () => {
  it('calls every command as the list of commands does', () => {
    expect(program.commands.map((command) => command.name())).toEqual(Object.keys(commands));
  });

  it.each(Object.keys(commands))('%s has help with an example', async (name) => {
    const { code, out } = await runSluice([name, '--help']);
    expect(code).toBe(0);
    expect(out).toContain(`sluice ${name}`);
    expect(out).toMatch(/Examples?:/);
  });

  it('plans, syncs, answers and compacts', async () => {
    const twin = await startTwin({ teams: 2, channels: 2, messages: 30, users: 12, seed: 5, limits: 'none' });
    try {
      await withFolder(async (lake) => {
        const check = JSON.parse((await runSluice(['check', '--json'], twin.env)).out);
        expect(check.tables.every((table: { ok: boolean }) => table.ok)).toBe(true);

        const plan = JSON.parse((await runSluice(['plan', '--lake', lake, '--json'], twin.env)).out);
        expect(plan).toMatchObject({ event: 'plan', teams: 2, skipped: [] });
        const dry = await runSluice(['sync', '--dry-run', '--lake', lake, '--json'], twin.env);
        expect(JSON.parse(dry.out)).toMatchObject({ event: 'plan', teams: 2 });

        const report = reportOf(await runSluice(['sync', '--lake', lake, '--json'], twin.env));
        expect(report).toMatchObject({ event: 'run', outcome: 'ok' });
        const ask = async (...format: string[]) =>
          (await runSluice(['query', 'SELECT count(*) AS n FROM messages', '--lake', lake, ...format])).out;
        const rows = report.tables['messages']!.rows;
        expect(JSON.parse(await ask('--json'))).toEqual({ n: rows });
        expect(await ask('--csv')).toBe(`n\r\n${rows}\r\n`);
        expect(await ask()).toContain('(1 row)');

        // The demo ranks messages, not texts: equal texts, and system events, are many messages.
        const count = async (sql: string) =>
          JSON.parse(
            (await runSluice(['query', `SELECT count(*) AS n FROM (${sql})`, '--lake', lake, '--json'])).out,
          ) as unknown;
        const { sql } = demoQueries.find(({ title }) => title === 'Most reacted message')!;
        const reacted = 'SELECT DISTINCT channel_id, root_message_id, message_id FROM message_reactions';
        expect(await count(sql.replace('LIMIT 1', ''))).toEqual(await count(reacted));

        const compacted = JSON.parse((await runSluice(['compact', '--lake', lake, '--json'])).out);
        expect(compacted).toMatchObject({ event: 'compact' });
        expect(JSON.parse(await ask('--json'))).toEqual({ n: rows });
      });
    } finally {
      await twin.close();
    }
  });

  it('prints tables and columns from their declarations', async () => {
    const columns = (await runSluice(['tables', 'message_reactions'])).out;
    expect(columns).toContain('reaction_type');
    const all = JSON.parse((await runSluice(['tables', '--json'])).out) as { name: string }[];
    expect(all.map(({ name }) => name)).toContain('channel_members');
  });
});
