import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { message, messagesPage, openTestLake, temporaryFolder } from '../../../test/support/lake-pages.ts';
import { systemRuntime } from '../../runtime/runtime.ts';
import { checkedTables, TENANT_COLUMN } from '../../schema/declaration.ts';
import { tables } from '../../tables/index.generated.ts';
import { openLake } from '../lake.ts';
import { openReader, queryLake } from '../query/query.ts';
import { fileStore } from '../stores/file.ts';
import type { ObjectStore } from '../stores/object-store.ts';
import { tellSeveralTenants, tenantLake, tenantLakes } from './tenants.ts';

const A = '0a1b2c3d-0000-4000-8000-000000000001';
const B = '0a1b2c3d-0000-4000-8000-000000000002';

async function land(store: ObjectStore, ids: readonly string[], options: { raw?: boolean } = {}): Promise<void> {
  await using lake = await openLake({
    store,
    tables,
    runtime: systemRuntime,
    scratchDir: join(temporaryFolder(), 'scratch'),
    rawColumn: options.raw ?? false,
  });
  const load = await lake.begin({ loadId: 'a' });
  await load.append(messagesPage(ids.map((id) => message(id))));
  await load.close();
}

const several = async (): Promise<{ store: ObjectStore; folder: string }> => {
  const folder = join(temporaryFolder(), 'lakes');
  const store = fileStore(folder);
  await tellSeveralTenants(store);
  return { store, folder };
};

describe('a lake of several tenants', () => {
  it('is one for ever, and is told so by whoever is first', async () => {
    const { store } = await several();
    expect(await tenantLakes(store)).toEqual([]);
    await tellSeveralTenants(store);
    const open = openLake({ store, tables, runtime: systemRuntime, scratchDir: join(temporaryFolder(), 's') });
    await expect(open).rejects.toMatchObject({ code: 'lake_of_several_tenants' });
    expect(await tenantLakes(store)).toEqual([]);
  });

  it('is never half: of a telling and a first commit at the same time one wins', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 60 }), async (pauseMs) => {
        const store = fileStore(join(temporaryFolder(), 'lake'));
        const pause = new Promise((resolve) => setTimeout(resolve, pauseMs));
        const [landed, told] = await Promise.allSettled([
          land(store, ['1']),
          pause.then(() => tellSeveralTenants(store)),
        ]);
        const outcome = [landed, told].map(({ status }) => status);
        expect(outcome.filter((status) => status === 'fulfilled')).toHaveLength(1);
        if (landed.status === 'rejected') expect(landed.reason).toMatchObject({ code: 'lake_of_several_tenants' });
        if (told.status === 'rejected') expect(told.reason).toMatchObject({ code: 'lake_of_one_tenant' });
        expect((await tenantLakes(store)) === undefined).toBe(landed.status === 'fulfilled');
      }),
      { numRuns: 6 },
    );
  });

  it('shows the rows of all in every table, with the tenant first, also before there is a tenant', async () => {
    const { store } = await several();
    await using reader = await openReader({ store, tables });
    for (const { name, columns } of tables) {
      const empty = await reader.query(`SELECT * FROM ${name}`);
      expect([empty.rows, empty.columns]).toEqual([[], [TENANT_COLUMN, ...Object.keys(columns)]]);
    }
    await land(tenantLake(store, [], A).store, ['1', '2']);
    await land(tenantLake(store, [], B.toUpperCase()).store, ['2'], { raw: true });
    const { rows } = await reader.query('SELECT tenant_id, id, _raw IS NOT NULL FROM messages ORDER BY 1, 2');
    expect(rows).toEqual([
      [A, '1', false],
      [A, '2', false],
      [B, '2', true],
    ]);
    const changes = await reader.query('SELECT tenant_id, id, _op FROM messages_changes ORDER BY 1, 2');
    expect(changes.rows).toHaveLength(3);
    await expect(reader.changes('messages', 0)).rejects.toMatchObject({
      code: 'tenant_needed',
      details: { valid: [A, B] },
    });
    await using own = await openReader({ store: (await tenantLakes(store))![1]!.store, tables });
    expect((await own.changes('messages', 0)).rows).toHaveLength(1);
  });

  it('names the tenant of a damaged file, and leaves other tables alone', async () => {
    const { store } = await several();
    const { store: own } = tenantLake(store, [], A);
    await land(own, ['1']);
    for await (const { key } of own.list('tables/messages/')) await own.delete([key]);
    const ask = (sql: string) => queryLake({ store, tables, sql });
    await expect(ask('SELECT count(*) FROM messages')).rejects.toMatchObject({
      code: 'lake_file_missing',
      message: expect.stringContaining(`tenant_id=${A}/tables/messages/`),
    });
    expect((await ask('SELECT * FROM teams')).rows).toEqual([]);
  });

  it('finds lakes that were moved or linked into its folder, in any casing, and refuses what names no tenant', async () => {
    const folder = temporaryFolder();
    await (await openTestLake(folder)).close();
    const lakes = join(folder, 'lakes');
    mkdirSync(lakes);
    symlinkSync(join(folder, 'lake'), join(lakes, `tenant_id=${A.toUpperCase()}`));
    expect((await tenantLakes(fileStore(lakes)))!.map(({ tenantId }) => tenantId)).toEqual([A]);
    mkdirSync(join(lakes, `tenant_id=${A}`));
    await expect(tenantLakes(fileStore(lakes))).rejects.toMatchObject({ code: 'lake_tenant_folder' });
    const others = join(folder, 'others');
    mkdirSync(join(others, 'tenant_id=contoso'), { recursive: true });
    await expect(tenantLakes(fileStore(others))).rejects.toMatchObject({ code: 'lake_tenant_folder' });
  });

  it('has no table with a column of the tenant’s name, in any casing', () => {
    const [table] = tables;
    const columns = { ...table!.columns, Tenant_ID: { type: 'string', description: 'Taken.' } } as const;
    expect(() => checkedTables([{ ...table!, columns }])).toThrow(/Tenant_ID/);
    expect(checkedTables(tables)).toBe(tables);
  });
});
