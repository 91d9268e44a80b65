import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { cli, jsonOf } from '../support/cli.ts';
import { deltaRows } from '../support/delta-log.ts';
import { temporaryFolder } from '../support/lake-pages.ts';
import { runSluice } from '../support/sluice.ts';
import { startTwin } from '../support/twin.ts';

it('keeps Delta tables in the lake up to date with every sync, and loses no sync when a table cannot be written', async () => {
  const folder = temporaryFolder();
  const twin = await startTwin({ teams: 1, channels: 1, messages: 3, users: 4, seed: 3, limits: 'none' });
  try {
    writeFileSync(join(folder, 'sluice.yaml'), 'lake: { url: out, tables: [messages], delta: true }\n');
    const sync = () => runSluice(['sync', '--json'], twin.env, { cwd: folder });
    const count = async () => {
      const sql = 'SELECT count(*)::INT AS n FROM messages';
      return (jsonOf(await cli(['query', sql, '--lake', join(folder, 'out'), '--json'])) as { n: number }).n;
    };
    const first = await sync();
    expect(first.code, first.err).toBe(0);
    expect(await deltaRows(folder, 'messages', 'id')).toHaveLength(await count());
    await twin.post('/events', [{ type: 'post' }]);
    expect((await sync()).code).toBe(0);
    const rows = await deltaRows(folder, 'messages', 'id');
    expect(rows).toHaveLength(await count());

    const log = join(folder, 'out/delta/messages/_delta_log');
    const next = String(readdirSync(log).filter((name) => name.endsWith('.json')).length).padStart(20, '0');
    writeFileSync(join(log, `${next}.json`), '{"protocol":{"minReaderVersion":3,"minWriterVersion":7}}\n');
    await twin.post('/events', [{ type: 'post' }]);
    const refused = await sync();
    expect(refused.code).toBe(3);
    const report = JSON.parse(refused.out.trim().split('\n').at(-1)!) as { notExported: readonly object[] };
    expect(report.notExported).toMatchObject([{ table: 'messages', code: 'delta_table_foreign' }]);
    expect(await count()).toBe(rows.length + 1);
  } finally {
    await twin.close();
  }
});
