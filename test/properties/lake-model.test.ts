import fc from 'fast-check';
import { expect, it } from 'vitest';
import { memoryStore } from '../../src/lake/stores/memory.ts';
import type { ObjectStore } from '../../src/lake/stores/object-store.ts';
import {
  message,
  messagesPage,
  ofMessages,
  openTestLake,
  reaction,
  rowsIn,
  temporaryFolder,
} from '../support/lake-pages.ts';

/** One sight of a message: the state it was in at version `version`. */
interface Sight {
  readonly id: string;
  readonly root: string | null;
  readonly version: number;
  readonly text: string;
  readonly reactions: readonly string[];
}

type Step =
  | { readonly kind: 'page'; readonly partition: string; readonly sights: readonly Sight[]; readonly inline: boolean }
  | { readonly kind: 'removed'; readonly id: string }
  | { readonly kind: 'commit' | 'publish' | 'compact' | 'again' };

const sight: fc.Arbitrary<Sight> = fc.record({
  id: fc.constantFrom('1', '2', '3', '4'),
  root: fc.constantFrom(null, null, '9', '8'),
  version: fc.integer({ min: 1, max: 5 }),
  text: fc.constantFrom('a', 'b'),
  reactions: fc.uniqueArray(fc.constantFrom('u1', 'u2', 'u3'), { maxLength: 3 }),
});

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('page' as const),
      partition: fc.constantFrom('p1', 'p2'),
      sights: fc.array(sight, { maxLength: 4 }),
      inline: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('removed' as const), id: fc.constantFrom('1', '2') }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constantFrom('commit', 'publish', 'compact', 'again') }) as fc.Arbitrary<Step>,
  },
);

const timeOf = (version: number) => `2026-03-0${version}T00:00:00.0000000Z`;

function record({ id, root, version, text, reactions }: Sight) {
  return message(id, {
    replyToId: root,
    lastModifiedDateTime: timeOf(version),
    body: { contentType: 'text', content: text },
    reactions: reactions.map((user) => reaction('like', user)),
  });
}

/** Half of the pages carry their replies inside a root of their own, as `$expand=replies` does. */
function pageOf(sights: readonly Sight[], inline: boolean) {
  if (!inline) return sights.map(record);
  return sights.map((one) =>
    one.root === null ? record(one) : { id: one.root, '@removed': { reason: 'changed' }, replies: [record(one)] },
  );
}

/** The naive model: the later version wins, of equal versions the later sight; a delete counts as of its fetch. */
class Model {
  readonly latest = new Map<string, Sight>();
  readonly #deleted = new Set<string>();

  see(one: Sight): void {
    const key = `${one.root}/${one.id}`;
    const known = this.latest.get(key);
    if (!known || one.version >= known.version) this.latest.set(key, one);
  }

  /** Deletes are fetched after every version: the root of that id goes for good, replies only if they are known. */
  remove(id: string): void {
    this.#deleted.add(`null/${id}`);
    for (const key of this.latest.keys()) if (key.endsWith(`/${id}`)) this.#deleted.add(key);
  }

  rows(): string[] {
    return [...this.latest]
      .filter(([key]) => !this.#deleted.has(key))
      .map(([, { id, root, version, text, reactions }]) =>
        JSON.stringify([root, id, version, text, [...reactions].sort()]),
      )
      .sort();
  }
}

async function tableRows(store: ObjectStore): Promise<string[]> {
  const rows = await rowsIn(
    store,
    `SELECT NULL AS root, id, day(lastModifiedDateTime)::INTEGER AS version, body.content AS text FROM messages
     UNION ALL SELECT parent_message_id, id, day(lastModifiedDateTime)::INTEGER, body.content FROM message_replies`,
  );
  const reactions = await rowsIn(
    store,
    'SELECT root_message_id AS root, message_id AS id, user_id FROM message_reactions',
  );
  return rows
    .map(({ root, id, version, text }) => {
      const users = reactions
        .filter((one) => one['id'] === id && one['root'] === (root ?? id))
        .map((one) => one['user_id']);
      return JSON.stringify([root, id, version, text, users.sort()]);
    })
    .sort();
}

it('any order, repetition and segmentation of pages gives the tables of a naive model', {
  timeout: 300_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 10 }),
      fc.integer({ min: 1, max: 3 }),
      async (steps, segmentPages) => {
        const folder = temporaryFolder();
        const model = new Model();
        const store = memoryStore({ scratchDir: folder });
        await using lake = await openTestLake(folder, { store, tables: ofMessages });
        let runs = 1;
        let load = await lake.begin({ loadId: 'run-1', segmentPages });
        for (const one of steps) {
          if (one.kind === 'page') {
            for (const each of one.sights) model.see(each);
            await load.append({ ...messagesPage(pageOf(one.sights, one.inline)), partition: one.partition });
            load.advance('channel_messages', one.partition, { seen: true });
          } else if (one.kind === 'removed') {
            model.remove(one.id);
            await load.append(messagesPage([{ id: one.id, '@removed': { reason: 'deleted' } }]));
          } else {
            await load.commit();
            if (one.kind === 'publish') await lake.publish();
            if (one.kind === 'compact') await lake.compact();
            if (one.kind === 'again') {
              await load.close();
              runs += 1;
              load = await lake.begin({ loadId: `run-${runs}`, segmentPages });
            }
          }
        }
        await load.close();
        expect(await tableRows(store)).toEqual(model.rows());
      },
    ),
    { numRuns: 8, seed: 20_261_124 },
  );
});
