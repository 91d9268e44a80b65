// The twin's side of the parent and the table of table.mjs: threads of the mailbox of a team's group, and their posts.
// https://learn.microsoft.com/en-us/graph/api/group-list-threads, https://learn.microsoft.com/en-us/graph/api/conversationthread-list-posts
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const collections = `import { between, guid } from '../tenant/generator/chance.ts';
import { id, text } from '../tenant/line-schema.ts';
import { teamPlace } from './place.ts';
import { smallRecords } from './small-records.ts';

const roles = ['Group-Conversation.Read.All', 'Group.Read.All'];

export const threads = smallRecords({
  name: 'threads',
  below: { ...teamPlace, pattern: '/groups/{team-id}', path: ({ id: team }) => \`/groups('\${team}')\` },
  segment: 'threads',
  gives: { id: 'thread-id', column: 'thread_id' },
  roles,
  type: 'microsoft.graph.conversationThread',
  shape: { id, topic: text },
  generate: (random) => Array.from({ length: between(random, 1, 3) }, (_, n) => ({ id: guid(random), topic: \`Topic \${n}\` })),
});

export const posts = smallRecords({
  name: 'posts',
  below: threads.place,
  segment: 'posts',
  roles,
  type: 'microsoft.graph.post',
  top: { default: 2, maximum: 5 },
  shape: { id, createdDateTime: text },
  generate: (random) =>
    Array.from({ length: between(random, 1, 7) }, () => ({ id: guid(random), createdDateTime: '2026-01-02T03:04:05Z' })),
});
`;

export const twinCollection = {
  name: 'collection of the twin: a file and its row in the list',
  most: 2,

  add(house) {
    house.write('src/simulator/collections/threads.ts', collections);
    house.insert('src/simulator/collections/index.ts', {
      before: "import { users } from './users.ts';",
      text: "import { posts, threads } from './threads.ts';\n",
    });
    house.insert('src/simulator/collections/index.ts', { after: '  chatMessages,\n', text: '  threads,\n  posts,\n' });
  },

  /** Generated, in the ledger, saved and loaded again, and refused to an app that is not granted it. */
  async works(house) {
    const { createTwin, generateTenant, loadTenant, saveTenant } = await simulator(house);
    const tenant = generateTenant({ ...size, nowMs: Date.now() });
    const rowsOf = async (one, permissions) => {
      const twin = createTwin({ tenant: one, limits: 'none', app: permissions && { permissions } });
      const answer = await twin.fetch(new Request('http://127.0.0.1/_twin/ledger?table=posts'));
      return (await answer.text()).trim().split('\n');
    };
    const rows = await rowsOf(tenant);
    await saveTenant(join(house.folder, 'saved'), tenant);
    const loaded = await rowsOf(await loadTenant(join(house.folder, 'saved')));
    if (rows.length < 2 || rows.join() !== loaded.join())
      throw new Error(`Saved: ${rows.length} rows, loaded: ${loaded.length}.`);
    return `${rows.length} rows generated, saved, loaded`;
  },
};

const size = { teams: 2, channels: 1, messages: 5, users: 5, seed: 1 };

/** A twin that listens. */
export async function listeningTwin(house) {
  const { startSimulator } = await simulator(house);
  return startSimulator({ ...size, limits: 'none', port: 0 });
}

/** The truth of a table, row by row. */
export async function ledgerOf({ url }, table) {
  const answer = await fetch(`${url}/_twin/ledger?table=${table}`);
  return (await answer.text())
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

const simulator = (house) => import(pathToFileURL(join(house.folder, 'dist/simulator/index.js')).href);
