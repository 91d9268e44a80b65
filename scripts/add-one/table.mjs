// A table whose rows lie below a parent that the house does not know: the members of the tags of a team.
// https://learn.microsoft.com/en-us/graph/api/teamworktag-list, https://learn.microsoft.com/en-us/graph/api/teamworktagmember-list
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const collections = `import { snapshot } from '../strategies/index.ts';
import { collection } from './collection.ts';
import { teams } from './teams.ts';

export const tags = collection({
  name: 'tags',
  description: 'Tags of a team.',
  of: teams,
  gives: 'tag-id',
  reads: [
    {
      strategy: snapshot,
      route: '/teams/{team-id}/tags',
      permissions: ['TeamworkTag.Read.All'],
      source: 'https://learn.microsoft.com/en-us/graph/api/teamworktag-list',
    },
  ],
});

export const tagMembers = collection({
  name: 'tag_members',
  description: 'Who has a tag.',
  of: tags,
  reads: [
    {
      strategy: snapshot,
      route: '/teams/{team-id}/tags/{tag-id}/members',
      permissions: ['TeamworkTag.Read.All'],
      source: 'https://learn.microsoft.com/en-us/graph/api/teamworktagmember-list',
    },
  ],
});
`;

const table = `import { tagMembers as resource } from '../resources/tags.ts';
import { table } from './table.ts';

export const tagMembers = table({
  name: 'tag_members',
  description: 'Who has a tag.',
  resource,
  ingestionType: 'snapshot',
  primaryKey: ['team_id', 'tag_id', 'id'],
  columns: {
    team_id: { type: 'id', from: '$context.team_id', description: 'Team of the tag.' },
    tag_id: { type: 'string', from: '$context.tag_id', description: 'The tag.' },
    id: { type: 'string', description: 'Id of the membership.' },
    userId: { type: 'id', description: 'The user.' },
  },
});
`;

export const tableBelowNewParent = {
  name: 'table on a new parent, reader side',
  most: 3,

  add(house) {
    house.write('src/resources/tags.ts', collections);
    house.insert('src/resources/index.ts', {
      before: "import { teamMembers } from './team-members.ts';",
      text: "import { tagMembers, tags } from './tags.ts';\n",
    });
    house.insert('src/resources/index.ts', {
      after: 'export const resources: readonly Resource[] = [\n',
      text: '  tags,\n  tagMembers,\n',
    });
    house.write('src/tables/tag-members.ts', table);
  },

  /** Two tags in each team, three members in each tag: planned, synced and queried. */
  async works(house) {
    const { startSimulator } = await import(pathToFileURL(join(house.folder, 'dist/simulator/index.js')).href);
    const twin = await startSimulator({
      teams: 2,
      channels: 1,
      messages: 5,
      users: 5,
      seed: 1,
      limits: 'none',
      port: 0,
    });
    const graph = await tagsBefore(twin.url);
    try {
      await fetch(`${twin.url}/_twin/permissions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ grant: ['TeamworkTag.Read.All'] }),
      });
      const env = {
        ...twin.env,
        TEAMS_GRAPH_URL: twin.env.TEAMS_GRAPH_URL.replace(new URL(twin.url).origin, graph.url),
      };
      const sluice = (...args) => house.later(['dist/cli/main.js', ...args], env);
      const plan = await sluice('plan', '--tables', 'tag_members');
      if (!plan.includes('tag_members')) throw new Error(`The plan does not name it:\n${plan}`);
      await sluice('sync', '--lake', 'lake', '--tables', 'tag_members');
      const rows = await sluice(
        'query',
        '--lake',
        'lake',
        '--json',
        'SELECT count(*) AS n, count(DISTINCT tag_id) AS tags FROM tag_members',
      );
      const { n, tags } = JSON.parse(rows);
      if (Number(n) !== 12 || Number(tags) !== 4) throw new Error(`12 members of 4 tags were due: ${rows}`);
      return `sync landed ${n} rows of ${tags} tags`;
    } finally {
      await graph.close();
      await twin.close();
    }
  },
};

/** A Graph that has tags, before one that has everything else. */
async function tagsBefore(url) {
  const server = createServer(async (request, response) => {
    const tags = /^\/v1\.0\/teams\/([^/?]+)\/tags(?:\/([^/?]+)\/members)?(?:\?|$)/.exec(request.url);
    if (tags) {
      const [, team, tag] = tags;
      const value =
        tag === undefined
          ? [1, 2].map((n) => ({ id: `${team}-${n}` }))
          : [1, 2, 3].map((n) => ({ id: `${tag}-m${n}`, userId: `u${n}` }));
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ value }));
      return;
    }
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const { host, connection, 'content-length': _, 'transfer-encoding': __, ...headers } = request.headers;
    const body = chunks.length > 0 ? Buffer.concat(chunks) : undefined;
    const answer = await fetch(new URL(request.url, url), {
      method: request.method,
      headers: { ...headers, 'accept-encoding': 'identity' },
      body,
    });
    const text = (await answer.text()).replaceAll(new URL(url).host, host);
    response
      .writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'application/json' })
      .end(text);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
