import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { hourMs, inWorld, type World, type WorldMessage } from '../../support/reading-world.ts';

// Processes of their own, several a story.
vi.setConfig({ testTimeout: 400_000 });

const MESSAGES: readonly WorldMessage[] = Array.from({ length: 30 }, (_, at) => ({ ageMs: hourMs * (at + 1) }));

type Harm = (path: string) => void;

const lose: Harm = (path) => rmSync(path, { force: true });

const flipBit: Harm = (path) => {
  const bytes = readFileSync(path);
  bytes[bytes.length >> 1]! ^= 1;
  writeFileSync(path, bytes);
};

function filesBelow(lake: string, folder: string): readonly string[] {
  return readdirSync(join(lake, folder)).map((name) => join(lake, folder, name));
}

/** Harms every file with rows of a table, wherever its bytes are. */
function harmAll(lake: string, table: string, harm: Harm): readonly string[] {
  const stored = filesBelow(lake, `tables/${table}`);
  // `current/` shows the same files under a second name: what goes here goes there.
  for (const path of [...stored, ...filesBelow(lake, `current/${table}`)]) {
    rmSync(`${path}.old`, { force: true });
    cpSync(path, `${path}.old`);
    rmSync(path);
    cpSync(`${path}.old`, path);
    rmSync(`${path}.old`);
    harm(path);
  }
  return stored;
}

async function story(more: readonly string[], tell: (world: World) => Promise<void>): Promise<void> {
  await inWorld({ messages: MESSAGES, real: true }, async (world) => {
    const synced = await world.sluice(['sync', '--limits', 'none', '--json', ...more]);
    expect(synced.code, synced.err).toBe(0);
    await tell(world);
  });
}

const ask = (world: World, table: string) => world.sluice(['query', `SELECT count(*) AS n FROM ${table}`, '--json']);

async function fsck(world: World, ...more: readonly string[]) {
  const { code, out, err } = await world.sluice(['fsck', '--json', ...more]);
  return { code, err, report: out === '' ? undefined : JSON.parse(out) };
}

async function expectWhole(world: World): Promise<void> {
  expect((await ask(world, 'messages')).out).toBe(`{"n":${MESSAGES.length}}\n`);
  expect(await fsck(world)).toMatchObject({ code: 0, report: { findings: [] } });
}

describe('sluice fsck', () => {
  it('finds nothing in a whole lake, and ends with 0', async () => {
    await story([], async (world) => {
      await expectWhole(world);
      expect((await world.sluice(['fsck'])).out).toContain('Nothing is wrong');
    });
  });

  it('ends with 1 where nothing can be read: a damaged log, or no lake', async () => {
    await story([], async (world) => {
      for (const path of filesBelow(world.lake, '_log')) writeFileSync(path, '{');
      expect(await fsck(world)).toMatchObject({ code: 1, err: expect.stringContaining('lake_commit_corrupt') });
      expect(await world.sluice(['fsck', '--lake', './elsewhere'])).toMatchObject({
        code: 1,
        err: expect.stringContaining('lake_missing'),
      });
    });
  });

  it('names files that are lost; queries of their table name them, others answer; they are read again', async () => {
    await story([], async (world) => {
      const harmed = harmAll(world.lake, 'messages', lose);
      const refused = await ask(world, 'messages');
      expect(refused).toMatchObject({ code: 1, out: '', err: expect.stringContaining('lake_file_missing') });
      expect((await ask(world, 'users')).code).toBe(0);

      const found = await fsck(world);
      expect(found.code).toBe(3);
      const named = found.report.findings.map(({ file }: { file: string }) => join(world.lake, file));
      expect(named).toEqual(expect.arrayContaining([...harmed]));
      expect(found.report.cost.partitions).not.toEqual([]);
      expect(await fsck(world)).toEqual(found);

      const repaired = await fsck(world, '--repair');
      expect(repaired).toMatchObject({ code: 3, report: { after: { findings: [] } } });
      expect(repaired.report.repaired.forgotten).toEqual(found.report.cost.partitions);
      const synced = await world.sluice(['sync', '--limits', 'none', '--json']);
      expect(synced.code, `${synced.err}${synced.out.slice(-2500)}`).toBe(0);
      await expectWhole(world);
    });
  });

  it('mends from kept pages: no row is read again, but changes by version have to begin anew, which is code 3', async () => {
    await story(['--keep-raw'], async (world) => {
      harmAll(world.lake, 'messages', flipBit);
      expect(await fsck(world)).toMatchObject({ code: 3, report: { cost: { partitions: [] } } });
      const repaired = await fsck(world, '--repair');
      expect(repaired, repaired.err).toMatchObject({ code: 3, report: { after: { findings: [] } } });
    });
  });

  it('mends one lost file from another that has its bytes, and says so in words', async () => {
    await story([], async (world) => {
      rmSync(filesBelow(world.lake, 'tables/messages')[0]!);
      const told = await world.sluice(['fsck', '--repair']);
      expect(told.code, told.err).toBe(0);
      expect(told.out).toContain('Restored:');
      expect(told.out).toContain('Nothing is wrong now.');
      await expectWhole(world);
    });
  });
});
