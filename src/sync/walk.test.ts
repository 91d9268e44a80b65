import { describe, expect, it } from 'vitest';
import { refusal } from '../../test/support/fake-graph.ts';
import { FakeLoad } from '../../test/support/fake-load.ts';
import type { GraphClient, Page, PageRequest } from '../graph/types.ts';
import { collection, tenant } from '../resources/collection.ts';
import type { Resource } from '../resources/types.ts';
import { snapshot } from '../strategies/index.ts';
import { Listings } from './listings.ts';
import { Places } from './places.ts';
import type { Asked } from './scope.ts';
import { levelsOf } from './tree.ts';
import { Walk } from './walk.ts';

// A parent that the program does not have: nothing of the walk was written for it.
const endpoint = { permissions: ['X'], source: 'https://learn.microsoft.com/graph/api/x' };
const people = collection({
  name: 'people',
  description: 'People.',
  of: tenant,
  gives: 'person-id',
  reads: [{ ...endpoint, strategy: snapshot, route: '/people' }],
});
const calendars = collection({
  name: 'calendars',
  description: 'Calendars of a person.',
  of: people,
  gives: 'calendar-id',
  reads: [{ ...endpoint, strategy: snapshot, route: '/people/{person-id}/calendars' }],
});
const events = collection({
  name: 'events',
  description: 'Events of a calendar.',
  of: calendars,
  onlyBelow: { kind: ['own'] },
  reads: [{ ...endpoint, strategy: snapshot, route: '/people/{person-id}/calendars/{calendar-id}/events' }],
});

const lists: Readonly<Record<string, readonly (readonly object[])[]>> = {
  '/people': [[{ id: 'ann' }, { id: 'bob' }], [{ id: 'cem' }]],
  '/people/ann/calendars': [[{ id: 'a1', kind: 'own' }], [{ id: 'a2', kind: 'shared' }]],
  '/people/bob/calendars': [[{ id: 'b1', kind: 'own' }]],
  '/people/cem/calendars': [[]],
  '/people/ann/calendars/a1/events': [[{ id: 'e1' }]],
  '/people/bob/calendars/b1/events': [[{ id: 'e1' }]],
};

function setup({ reads, asked = new Map() }: { readonly reads: readonly Resource[]; readonly asked?: Asked }) {
  const requests: string[] = [];
  const failing = new Set<string>();
  let onRequest = async (_: string): Promise<void> => undefined;
  const graph = {
    page: async ({ url }: PageRequest): Promise<Page> => {
      requests.push(url);
      await onRequest(url);
      if (failing.has(url)) throw refusal(403, 'forbidden');
      const [path, page = '0'] = url.split('?page=');
      const pages = lists[path!]!;
      const next = Number(page) + 1;
      return {
        bytes: new TextEncoder().encode(JSON.stringify({ value: pages[Number(page)] })),
        replyLinks: [],
        receivedAtMs: 0,
        serviceTimeMs: 0,
        ...(next < pages.length && { nextLink: `${path}?page=${next}` }),
      };
    },
  } as unknown as GraphClient;
  const load = new FakeLoad();
  const skipped: string[] = [];
  const plan = reads.map((resource) => ({ resource, tables: [], read: resource.reads[0], fallbacks: [] }));
  const { signal } = new AbortController();
  const listings = new Listings({ graph, signal, load, shared: levelsOf(plan), resources: reads });
  const places = new Places(listings, asked);
  const walk = new Walk({
    graph,
    load,
    listings,
    places,
    reads: plan,
    isPart: asked.size > 0,
    positions: new Map(),
    overlapMs: 0,
    now: () => 0,
    outcomes: {
      skip: (error, resource, partition) => {
        if ((error as { surface?: unknown }).surface !== 'graph') throw error;
        skipped.push(`${resource} ${partition}`);
      },
      gap: () => undefined,
      fallback: () => undefined,
    },
    parallel: 48,
    progress: { expect: () => undefined, partitionDone: () => undefined },
  });
  return {
    load,
    requests,
    failing,
    skipped,
    places,
    run: () => walk.run(signal),
    onRequest: (listener: typeof onRequest) => {
      onRequest = listener;
    },
  };
}

const all = [people, calendars, events];

describe('a walk over a parent that nobody wrote it for', () => {
  it('reads every level, each listing once, and names partitions by the ids from the top', async () => {
    const { run, load, requests } = setup({ reads: all });
    await run();
    expect([...load.replaced.keys()].sort()).toEqual([
      'calendars/ann',
      'calendars/bob',
      'calendars/cem',
      'events/ann/a1',
      'events/bob/b1',
      'people/tenant',
    ]);
    expect(requests.toSorted()).toEqual([
      '/people',
      '/people/ann/calendars',
      '/people/ann/calendars/a1/events',
      '/people/ann/calendars?page=1',
      '/people/bob/calendars',
      '/people/bob/calendars/b1/events',
      '/people/cem/calendars',
      '/people?page=1',
    ]);
    const [page] = load.replaced.get('events/ann/a1')!;
    expect(page!.context).toMatchObject({ person_id: 'ann', calendar_id: 'a1' });
  });

  it('lists a parent that no table is made of', async () => {
    const { run, load } = setup({ reads: [events] });
    await run();
    expect([...load.replaced.keys()].sort()).toEqual(['events/ann/a1', 'events/bob/b1']);
  });

  it('begins below a record before the next page of its listing has come, at every level', async () => {
    const { run, onRequest, requests } = setup({ reads: [people, events] });
    const below = new Map([
      ['/people?page=1', '/people/ann/calendars'],
      ['/people/ann/calendars?page=1', '/people/ann/calendars/a1/events'],
    ]);
    const seen: string[] = [];
    onRequest(async (url) => {
      const awaited = below.get(url);
      // As long as anything else can happen.
      for (let turn = 0; awaited !== undefined && turn < 100; turn++) await new Promise(setImmediate);
      if (awaited !== undefined && requests.includes(awaited)) seen.push(awaited);
    });
    await run();
    expect(seen.sort()).toEqual([...below.values()].sort());
    expect(requests).toHaveLength(8);
  });

  it('keeps what complete listings name, at every level', async () => {
    const { run, load } = setup({ reads: all });
    await run();
    expect(Object.fromEntries([...load.retained].map(([name, kept]) => [name, [...kept].sort()]))).toEqual({
      calendars: ['ann', 'bob', 'cem'],
      events: ['ann/a1', 'ann/a2', 'bob/b1'],
    });
  });

  it('names everything below a listing that is refused, reads the rest, and deletes nothing of that level', async () => {
    const { run, load, failing, skipped } = setup({ reads: all });
    failing.add('/people/ann/calendars');
    await run();
    expect(skipped).toEqual(['calendars ann', 'events ann']);
    expect([...load.replaced.keys()]).toContain('events/bob/b1');
    expect([...load.retained.keys()]).toEqual(['calendars']);
  });

  it('ends with the error when what all else is below cannot be listed', async () => {
    const { run, failing } = setup({ reads: all });
    failing.add('/people');
    await expect(run()).rejects.toMatchObject({ code: 'forbidden' });
  });

  it('lists no record that was asked for at the top, looks for others in listings, and deletes nothing', async () => {
    const asked = new Map([
      ['person-id', ['ann']],
      ['calendar-id', ['a1', 'nowhere']],
    ]);
    const { run, load, requests, places } = setup({ reads: [events], asked });
    await run();
    expect(requests).not.toContain('/people');
    expect([...load.replaced.keys()]).toEqual(['events/ann/a1']);
    expect(load.retained.size).toBe(0);
    expect(places.unmet(levelsOf([{ resource: events, read: events.reads[0], tables: [], fallbacks: [] }]))).toEqual([
      { collection: calendars, id: 'nowhere' },
    ]);
  });
});
