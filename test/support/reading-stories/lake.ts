import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { general, hourMs, inWorld } from '../reading-world.ts';
import type { Story } from './story.ts';

const below = (
  folder: string,
  check: (world: Parameters<Parameters<typeof inWorld>[1]>[0]) => Promise<void>,
): Story => ({
  lines: 1,
  expected: `a lake below ${folder.split('/')[0]} reads as any other`,
  play: () =>
    inWorld({ lake: folder, messages: [{ ageMs: hourMs }, { ageMs: 2 * hourMs }] }, async (world) => {
      expect((await world.sync()).outcome).toBe('ok');
      await check(world);
    }),
});

const paths: readonly Story[] = [
  below('tenantId=contoso/lake', async (world) => {
    await world.fault({ kind: 'edit', edit: 'set', field: 'tenantId', value: 'sent', route: '/teams/{id}' });
    await world.sync();
    expect(await world.ask('SELECT DISTINCT "tenantId" FROM teams')).toEqual([['sent']]);
    const again = await world.sync();
    expect(again.tables['teams']?.rows ?? 0).toBe(0);
  }),
  below('id=5/lake', async (world) => {
    expect(await world.ask("SELECT id FROM users WHERE id = 'u1'")).toEqual([['u1']]);
    expect(await world.count('messages')).toBe(2);
  }),
];

/** A file system without hard links, for a process of its own. */
const withoutLinks = (code: string) => `
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
const refuse = () => Object.assign(new Error('link'), { code: '${code}' });
fs.promises.link = async () => { throw refuse(); };
fs.link = (from, to, done) => done(refuse());
fs.linkSync = () => { throw refuse(); };
syncBuiltinESMExports();
`;

const noLinks = (codes: readonly string[]): Story => ({
  lines: 1,
  expected: `a file system whose link fails with ${codes.join(' or ')} takes a lake, or is refused by name at once`,
  play: async () => {
    for (const code of codes) {
      await inWorld({ real: true, messages: [{ ageMs: hourMs, channelId: general }] }, async (world) => {
        const preload = join(world.folder, 'no-links.mjs');
        await writeFile(preload, withoutLinks(code));
        const finished = await world.sluice(['sync', '--lake', world.lake, '--limits', 'none'], {
          NODE_OPTIONS: `--import ${preload}`,
        });
        if (finished.code === 0) expect(await world.count('messages')).toBe(1);
        else {
          expect(`${finished.out}${finished.err}`).toMatch(/hard link/i);
          const { total } = await world.twin.get<{ total: number }>('/requests');
          expect(total).toBe(0);
        }
      });
    }
  },
});

/** Where the lake lies. */
export const lakeStories = {
  'lake-path': paths,
  'no-hard-links': [noLinks(['ENOTSUP', 'EPERM']), noLinks(['EOPNOTSUPP'])],
};
