import { describe, expect, it } from 'vitest';
import { refusal } from '../../test/support/fake-graph.ts';
import { FakeLoad, noContents } from '../../test/support/fake-load.ts';
import type { GraphClient, Page, PageRequest } from '../graph/types.ts';
import type { PartitionKey, Position } from '../lake/types.ts';
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

// Several people list the same room.
const rooms = collection({
  name: 'rooms',
  description: 'Rooms of a person.',
  of: people,
  gives: 'room-id',
  shared: true,
  reads: [{ ...endpoint, strategy: snapshot, route: '/people/{person-id}/rooms' }],
});
const seats = collection({
  name: 'seats',
  description: 'Seats of a room.',
  of: rooms,
  reads: [{ ...endpoint, strategy: snapshot, route: '/rooms/{room-id}/seats' }],
});

const lists: Readonly<Record<string, readonly (readonly object[])[]>> = {
  '/people': [[{ id: 'ann' }, { id: 'bob' }], [{ id: 'cem' }]],
  '/people/ann/calendars': [[{ id: 'a1', kind: 'own' }], [{ id: 'a2', kind: 'shared' }]],
  '/people/bob/calendars': [[{ id: 'b1', kind: 'own' }]],
  '/people/cem/calendars': [[]],
  '/people/ann/calendars/a1/events': [[{ id: 'e1' }]],
  '/people/bob/calendars/b1/events': [[{ id: 'e1' }]],
  '/things': [[{ id: 't1' }]],
  '/people/ann/rooms': [[{ id: 'r1' }], [{ id: 'r2' }]],
  '/people/bob/rooms': [[{ id: 'r2' }, { id: 'r3' }]],
  '/people/cem/rooms': [[{ id: 'r1' }]],
  '/rooms/r1/seats': [[{ id: 's1' }]],
  '/rooms/r2/seats': [[{ id: 's1' }]],
  '/rooms/r3/seats': [[]],
};

function setup({
  reads,
  asked = new Map(),
  positions = new Map(),
  failure = refusal(403, 'forbidden'),
}: {
  /** What failing lists answer. */
  readonly failure?: Error;
  readonly reads: readonly Resource[];
  readonly asked?: Asked;
  readonly positions?: ReadonlyMap<PartitionKey, Position>;
}) {
  const requests: string[] = [];
  const failing = new Set<string>();
  const emptied = new Set<string>();
  const held: string[] = [];
  let onRequest = async (_: string): Promise<void> => undefined;
  const graph = {
    page: async ({ url }: PageRequest): Promise<Page> => {
      requests.push(url);
      await onRequest(url);
      if (failing.has(url)) throw failure;
      const [path, page = '0'] = url.split('?page=');
      const pages = lists[path!]!;
      const next = Number(page) + 1;
      return {
        bytes: new TextEncoder().encode(JSON.stringify({ value: emptied.has(path!) ? [] : pages[Number(page)] })),
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
  const listings = new Listings({
    graph,
    signal,
    load,
    positions,
    shared: levelsOf(plan),
    resources: reads,
    hold: (_, resource, partition) => held.push(`${resource} ${partition}`),
  });
  const places = new Places(listings, asked, undefined);
  const walk = new Walk({
    graph,
    load,
    listings,
    places,
    reads: plan,
    contents: noContents,
    contentLimitBytes: 0,
    isAsked: () => true,
    isPart: asked.size > 0,
    positions,
    overlapMs: 0,
    now: () => 0,
    outcomes: {
      skip: (error, resource, partition) => {
        if ((error as { surface?: unknown }).surface !== 'graph') throw error;
        skipped.push(`${resource} ${partition}`);
        return true;
      },
      gap: () => undefined,
      unfinished: () => undefined,
      fallback: () => undefined,
    },
    parallel: 48,
    progress: { expect: () => undefined, partitionDone: () => undefined },
  });
  return {
    load,
    requests,
    failing,
    emptied,
    held,
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

  it.each([
    { page: '/people?page=1', named: 'people tenant', landed: ['calendars/ann', 'calendars/bob', 'events/ann/a1'] },
    { page: '/people/ann/calendars?page=1', named: 'calendars ann', landed: ['calendars/ann', 'calendars/cem'] },
  ])(
    'reads what stands before a page that fails, and what is below it, and deletes nothing of that level: $page',
    async (bad) => {
      const { run, load, failing, held, skipped, requests } = setup({
        reads: all,
        failure: refusal(500, 'service_error'),
      });
      failing.add(bad.page);
      await run();
      // It is not asked for a second time: the client has asked as often as it is worth.
      expect(requests.filter((url) => url === bad.page)).toEqual([bad.page]);
      expect([held, skipped]).toEqual([[bad.named], []]);
      expect([...load.replaced.keys()]).toEqual(expect.arrayContaining(['people/tenant', ...bad.landed]));
      expect([...load.retained.keys()]).toEqual(bad.named.startsWith('people') ? [] : ['calendars']);
    },
  );

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

/** What was written down of listings: the rooms that each person named. */
const namedIn = ({ positions }: FakeLoad) =>
  Object.fromEntries([...positions].map(([key, position]) => [key, position?.['named'] ?? null]));

const written = (named: Readonly<Record<string, readonly string[]>>): ReadonlyMap<PartitionKey, Position> =>
  new Map(Object.entries(named).map(([id, ids]) => [`rooms/person:${id}`, { version: 1, named: ids }]));

describe('a walk over records that several parents list', () => {
  it('reads what is below each of them once, under its own id', async () => {
    const { run, load, requests } = setup({ reads: [people, rooms, seats] });
    await run();
    expect(requests.filter((url) => url.startsWith('/rooms')).toSorted()).toEqual([
      '/rooms/r1/seats',
      '/rooms/r2/seats',
      '/rooms/r3/seats',
    ]);
    expect([...load.replaced.keys()].filter((key) => key.startsWith('seats')).sort()).toEqual([
      'seats/r1',
      'seats/r2',
      'seats/r3',
    ]);
    const [page] = load.replaced.get('seats/r1')!;
    expect(page!.context).not.toHaveProperty('person_id');
    expect(new Set(requests).size).toBe(requests.length);
  });

  it('reads the listings once when nothing below them is read', async () => {
    const { run, requests, load } = setup({ reads: [rooms] });
    await run();
    expect(new Set(requests).size).toBe(requests.length);
    expect([...load.retained.get('rooms')!].sort()).toEqual(['r1', 'r2', 'r3']);
  });

  it('keeps all that some listing names, and writes down which one names what', async () => {
    const { run, load } = setup({ reads: [people, rooms, seats] });
    await run();
    expect([...load.retained.get('rooms')!].sort()).toEqual(['r1', 'r2', 'r3']);
    expect([...load.retained.get('seats')!].sort()).toEqual(['r1', 'r2', 'r3']);
    expect(namedIn(load)).toEqual({
      'rooms/person:ann': ['r1', 'r2'],
      'rooms/person:bob': ['r2', 'r3'],
      'rooms/person:cem': ['r1'],
    });
  });

  it('keeps what a refused listing named before, and lets go what the others no longer name', async () => {
    const positions = written({ ann: ['r1', 'r2', 'r8'], bob: ['r3', 'r9'], cem: ['r1'] });
    const { run, load, failing, skipped } = setup({ reads: [people, rooms, seats], positions });
    failing.add('/people/bob/rooms');
    await run();
    expect(skipped).toEqual(['rooms bob', 'seats bob']);
    expect([...load.retained.get('rooms')!].sort()).toEqual(['r1', 'r2', 'r3', 'r9']);
    expect([...load.retained.get('seats')!].sort()).toEqual(['r1', 'r2', 'r3', 'r9']);
    expect(namedIn(load)).not.toHaveProperty('rooms/person:bob');
  });

  it('a listing that was refused ever since holds nothing up', async () => {
    const { run, load, failing } = setup({ reads: [people, rooms] });
    failing.add('/people/bob/rooms');
    await run();
    expect([...load.retained.get('rooms')!].sort()).toEqual(['r1', 'r2']);
  });

  it('keeps what was shown of a listing that failed later', async () => {
    const { run, load, failing } = setup({ reads: [people, rooms, seats] });
    failing.add('/people/ann/rooms?page=1').add('/people/cem/rooms');
    await run();
    expect([...load.retained.get('seats')!].sort()).toEqual(['r1', 'r2', 'r3']);
  });

  it('does not believe a listing that shrank, and keeps what it named before', async () => {
    const positions = written({ ann: ['r1', 'r2'], bob: ['r2', 'r3', 'r7'], cem: ['r1'] });
    const { run, load, emptied, held } = setup({ reads: [people, rooms, seats], positions });
    emptied.add('/people/bob/rooms');
    await run();
    expect(held).toEqual(['rooms bob']);
    expect([...load.retained.get('rooms')!].sort()).toEqual(['r1', 'r2', 'r3', 'r7']);
    expect(namedIn(load)).toMatchObject({ 'rooms/person:bob': ['r2', 'r3', 'r7'] });
  });

  it('forgets what was named below a parent that is gone', async () => {
    const positions = written({ ann: ['r1', 'r2'], zoe: ['r5'] });
    const { run, load } = setup({ reads: [people, rooms], positions });
    await run();
    expect(load.positions.get('rooms/person:zoe')).toBeNull();
    expect([...load.retained.get('rooms')!].sort()).toEqual(['r1', 'r2', 'r3']);
  });
});

describe('a walk whose top cannot be read', () => {
  const things = collection({
    name: 'things',
    description: 'Things.',
    of: tenant,
    gives: 'thing-id',
    reads: [{ ...endpoint, strategy: snapshot, route: '/things' }],
  });

  const failures = [refusal(403, 'forbidden'), refusal(500, 'service_error'), refusal(200, 'page_invalid')];

  it.each(failures)('names all that is below it, and reads what is below the others: $code', async (failure) => {
    const { run, load, failing, skipped } = setup({ reads: [things, people, rooms], failure });
    failing.add('/things');
    await run();
    expect(skipped).toEqual(['things tenant']);
    expect([...load.retained.get('rooms')!].sort()).toEqual(['r1', 'r2', 'r3']);
  });

  it.each(failures)('deletes nothing of what is below it: $code', async (failure) => {
    const { run, load, failing, skipped } = setup({ reads: [things, people, rooms, seats], failure });
    failing.add('/people');
    await run();
    expect(skipped.toSorted()).toEqual(['people tenant', 'rooms tenant', 'seats tenant']);
    expect([...load.replaced.keys()]).toEqual(['things/tenant']);
    expect([...load.retained.keys()]).toEqual([]);
  });

  it('ends with the error where the service is out for every one of them', async () => {
    const { run, failing } = setup({ reads: [things, people, rooms], failure: refusal(503, 'service_error') });
    for (const url of ['/things', '/people']) failing.add(url);
    await expect(run()).rejects.toMatchObject({ code: 'service_error' });
  });
});
