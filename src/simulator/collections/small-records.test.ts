import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { newGeneration } from '../tenant/generator/generation.ts';
import { generateTenant } from '../tenant/generator.ts';
import { id, text } from '../tenant/line-schema.ts';
import type { TenantStore } from '../tenant/store.ts';
import { teamPlace } from './place.ts';
import { smallRecords } from './small-records.ts';

const options = { teams: 2, channels: 1, messages: 1, users: 5, seed: 1, nowMs: Date.UTC(2026, 0, 2) };

const shelves = smallRecords({
  name: 'shelves',
  below: teamPlace,
  segment: 'shelves',
  gives: { id: 'shelf-id', column: 'shelf_id' },
  roles: ['Shelf.Read.All', 'Shelf.ReadWrite.All'],
  type: 'microsoft.graph.shelf',
  shape: { id, name: text },
  generate: (random, team) => [{ id: 'a', name: `${team.displayName} ${random()}` }],
});

const books = smallRecords({
  name: 'books',
  below: shelves.place,
  segment: 'books',
  roles: ['Shelf.Read.All'],
  type: 'microsoft.graph.book',
  shape: { id },
  generate: (random) => [{ id: '1' }, { id: String(random()) }],
});

function generated(): TenantStore {
  const tenant = generateTenant(options);
  const generation = newGeneration(options, tenant.random);
  for (const one of [shelves, books]) one.generate?.(tenant, generation);
  return tenant;
}

const rows = (tenant: TenantStore) => [...books.ledger['books']!(tenant)];

it('keys of records below records of a place name all that they are below', () => {
  const tenant = generated();
  const [team] = tenant.teams();
  expect(rows(tenant)).toHaveLength(4);
  expect(rows(tenant)[0]).toEqual({ team_id: team!.id, shelf_id: 'a', id: '1' });
  expect(books.routes.map(({ pattern }) => pattern)).toEqual([
    '/teams/{team-id}/shelves/{shelf-id}/books',
    '/teams/{team-id}/shelves/{shelf-id}/books/{id}',
  ]);
});

it('the same seed gives the same records, and what is in a place that is gone is not told', () => {
  const tenant = generated();
  expect(rows(generated())).toEqual(rows(tenant));
  const [team] = tenant.teams();
  expect(shelves.remove(tenant, team!, 'a')).toBe(true);
  expect(shelves.remove(tenant, team!, 'a')).toBe(false);
  expect(rows(tenant)).toHaveLength(2);
});

it('a line of a folder whose place is not there is refused, by its place in the file', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'sluice-small-'));
  try {
    const tenant = generated();
    const lines = [...shelves.files![0]!.records(tenant)].map((line) => JSON.stringify(line));
    await writeFile(join(dir, 'shelves.jsonl'), lines.join('\n'));
    const loading = { dir, messages: [], federated: new Map(), afterwards: [] };
    const other = generateTenant(options);
    await shelves.files![0]!.load({ ...loading, tenant: other });
    expect([...shelves.ledger['shelves']!(other)]).toEqual([...shelves.ledger['shelves']!(tenant)]);
    const stranger = generateTenant({ ...options, seed: 2 });
    await expect(shelves.files![0]!.load({ ...loading, tenant: stranger })).rejects.toMatchObject({
      code: 'tenant_line_invalid',
      details: { line: 1 },
    });
  } finally {
    await rm(dir, { recursive: true });
  }
});
