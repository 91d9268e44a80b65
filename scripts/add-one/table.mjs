// A table whose rows lie below a parent that the house does not know: the posts of the threads of a team's group.
// https://learn.microsoft.com/en-us/graph/api/group-list-threads, https://learn.microsoft.com/en-us/graph/api/conversationthread-list-posts
import { ledgerOf, listeningTwin } from './twin.mjs';

const collections = `import { snapshot } from '../strategies/index.ts';
import { collection } from './collection.ts';
import { teams } from './teams.ts';

export const threads = collection({
  name: 'threads',
  description: 'Threads of the mailbox of a team.',
  of: teams,
  gives: 'thread-id',
  reads: [
    {
      strategy: snapshot,
      route: '/groups/{team-id}/threads',
      permissions: ['Group-Conversation.Read.All'],
      source: 'https://learn.microsoft.com/en-us/graph/api/group-list-threads',
    },
  ],
});

export const posts = collection({
  name: 'posts',
  description: 'What was said in a thread.',
  of: threads,
  reads: [
    {
      strategy: snapshot,
      route: '/groups/{team-id}/threads/{thread-id}/posts',
      permissions: ['Group-Conversation.Read.All'],
      source: 'https://learn.microsoft.com/en-us/graph/api/conversationthread-list-posts',
    },
  ],
});
`;

const table = `import { posts as resource } from '../resources/threads.ts';
import { table } from './table.ts';

export const posts = table({
  name: 'posts',
  description: 'What was said in a thread of the mailbox of a team.',
  resource,
  ingestionType: 'snapshot',
  primaryKey: ['team_id', 'thread_id', 'id'],
  columns: {
    team_id: { type: 'id', from: '$context.team_id', description: 'Team of the thread.' },
    thread_id: { type: 'string', from: '$context.thread_id', description: 'The thread.' },
    id: { type: 'string', description: 'Id of the post.' },
    createdDateTime: { type: 'timestamp', description: 'When it was written.' },
  },
});
`;

export const tableBelowNewParent = {
  name: 'table on a new parent, reader side',
  most: 3,

  add(house) {
    house.write('src/resources/threads.ts', collections);
    house.insert('src/resources/index.ts', {
      after: "import { teams } from './teams.ts';\n",
      text: "import { posts, threads } from './threads.ts';\n",
    });
    house.insert('src/resources/index.ts', {
      after: 'export const resources: readonly Resource[] = [\n',
      text: '  threads,\n  posts,\n',
    });
    house.write('src/tables/posts.ts', table);
  },

  /** Planned, synced from the twin over HTTP, and equal to its ledger. */
  async works(house) {
    const twin = await listeningTwin(house);
    try {
      const sluice = (...args) => house.later(['dist/cli/main.js', ...args], twin.env);
      const plan = await sluice('plan', '--tables', 'posts');
      if (!plan.includes('posts')) throw new Error(`The plan does not name it:\n${plan}`);
      await sluice('sync', '--lake', 'lake', '--tables', 'posts');
      const sql = 'SELECT team_id, thread_id, id FROM posts';
      const landed = await sluice('query', '--lake', 'lake', '--json', sql);
      const sorted = (rows) => rows.map(({ team_id, thread_id, id }) => `${team_id} ${thread_id} ${id}`).sort();
      const rows = sorted(landed.trim().split('\n').map(JSON.parse));
      const truth = sorted(await ledgerOf(twin, 'posts'));
      if (truth.length === 0 || rows.join() !== truth.join())
        throw new Error(`${truth.length} rows were due, ${rows.length} came:\n${landed}`);
      return `sync landed the ${rows.length} rows of the twin's ledger`;
    } finally {
      await twin.close();
    }
  },
};
