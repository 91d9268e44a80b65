import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ask, withFolder } from '../support/lake.ts';
import { openSession, Refused, readOn, rowsOfFiles, startSession } from '../support/stdio.ts';
import { type Environment, startTwin, type TestTwin } from '../support/twin.ts';

// Whole syncs: slow on a busy machine.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const TABLES = ['teams', 'channels', 'messages', 'message_replies', 'message_reactions'];
const LONG_AGO = '2000-01-01T00:00:00Z';

let twin: TestTwin;
beforeAll(async () => {
  twin = await startTwin({ teams: 1, channels: 2, messages: 12, users: 8, seed: 5, limits: 'none' });
});
afterAll(() => twin.close());

const settingsOf = (lake: string): Environment => ({ ...twin.env, SLUICE_LAKE_URL: lake });
const now = () => new Date().toISOString();
const freshen = (since = now()) => ({ tables: TABLES, since, limits: 'none' });
const codeOf = (error: unknown) => (error instanceof Refused ? error.frame.code : String(error));

describe('a session of sluice stdio', () => {
  it('says hello with its protocol, answers each request by its id, and ends with its input', async () => {
    const session = startSession();
    await session.ask('open', { settings: {}, scratch: '/tmp' });
    expect(await session.end()).toBe(0);
    expect(session.frames[0]).toEqual({ hello: { protocol: 1, version: expect.any(String), node: process.version } });
    expect(session.frames[1]).toEqual({ id: 1, end: {} });
  });

  it('names what is wrong with a request, and quotes nothing of a line that is none', async () => {
    const session = startSession();
    session.write('{"secret-value"');
    expect(codeOf(await session.ask('freshen', freshen()).catch((error) => error))).toBe('stdio_not_open');
    await session.ask('open', { settings: {}, scratch: '/tmp' });
    expect(codeOf(await session.ask('change').catch((error) => error))).toBe('stdio_operation_unknown');
    for (const fields of [{ table: 7 }, {}, { table: 'messages', tabel: 'x' }])
      expect(codeOf(await session.ask('parts', fields).catch((error) => error))).toBe('stdio_request_invalid');
    await session.end();
    expect(session.frames.find(({ id }) => id === null)).toMatchObject({ error: { code: 'stdio_request_invalid' } });
    expect(JSON.stringify(session.frames)).not.toContain('secret-value');
  });

  it('answers with the codes of the program: no lake, an unknown table', async () => {
    await withFolder(async (lake) => {
      const session = await openSession(settingsOf(lake));
      expect(codeOf(await session.ask('position').catch((error) => error))).toBe('lake_missing');
      await session.ask('freshen', freshen());
      const unknown = await session.ask('parts', { table: 'message' }).catch((error) => error);
      expect(codeOf(unknown)).toBe('unknown_table');
      await session.end();
    });
  });

  it('reads the tenant once for eleven who ask at once: one runs, the others wait and take what it has read', async () => {
    await withFolder(async (lake) => {
      const since = now();
      const sessions = await Promise.all(Array.from({ length: 11 }, () => openSession(settingsOf(lake))));
      const answers = await Promise.all(sessions.map((session) => session.ask('freshen', freshen(since))));
      expect(answers.filter(({ ran }) => ran)).toHaveLength(1);
      expect(new Set(answers.map(({ version }) => version)).size).toBe(1);
      expect(answers.filter(({ requests }) => requests > 0)).toHaveLength(1);
      for (const session of sessions) expect(await session.end()).toBe(0);
    });
  });

  it('gives the changes in batches of any size, and their union is what stands, with deletes', async () => {
    await withFolder(async (lake) => {
      const session = await openSession(settingsOf(lake));
      await session.ask('freshen', freshen());
      const keys: Readonly<Record<string, readonly string[]>> = {
        channels: ['team_id', 'id'],
        messages: ['team_id', 'channel_id', 'id'],
        message_reactions: [
          'team_id',
          'channel_id',
          'root_message_id',
          'message_id',
          'user_id',
          'reaction_type',
          'custom_name',
          'custom_picture',
          'occurrence',
        ],
      };
      const standing = new Map(Object.keys(keys).map((table) => [table, new Map<string, unknown>()]));
      const offsets = new Map<string, Parameters<typeof readOn>[1]['offset']>();
      const read = async () => {
        for (const [table, key] of Object.entries(keys)) {
          const rows = standing.get(table)!;
          const offset = await readOn(session, { table, offset: offsets.get(table), changes: 40 }, (batch) => {
            for (const row of batch) {
              const name = JSON.stringify(key.map((column) => row[column]));
              if (row['_op'] === 'delete') rows.delete(name);
              else rows.set(name, row);
            }
          });
          offsets.set(table, offset);
        }
      };
      await read();
      await twin.post('/events', [
        { type: 'edit' },
        { type: 'react' },
        { type: 'unreact' },
        { type: 'post' },
        { type: 'reply' },
      ]);
      await session.ask('freshen', freshen());
      await read();
      for (const [table, key] of Object.entries(keys)) {
        const expected = await ask(lake, `SELECT ${key.map((name) => `"${name}"`).join(', ')} FROM ${table}`);
        expect([...standing.get(table)!.keys()].sort(), table).toEqual(
          expected.map((row) => JSON.stringify(row)).sort(),
        );
      }
      await session.end();
    });
  });

  it('names the files of the lake where they hold exactly what stands, and writes the rows else', async () => {
    await withFolder(async (lake) => {
      const session = await openSession(settingsOf(lake));
      await session.ask('freshen', freshen());
      for (const table of TABLES) {
        const [[rows]] = (await ask(lake, `SELECT count(*) FROM ${table}`)) as [[number]];
        const { files } = await session.ask('parts', { table });
        const own = await rowsOfFiles(files.map(({ localPath }: { localPath: string }) => localPath));
        expect(own, table).toHaveLength(rows);
        expect(own[0], table).toMatchObject({ _op: 'upsert', _commit: expect.any(String) });
        const written = await session.ask('snapshot', { table });
        expect(written.rows, table).toBe(rows);
        const fetched = await session.ask('fetch', { keys: files.map(({ key }: { key: string }) => key) });
        expect(await rowsOfFiles(fetched.files), table).toHaveLength(rows);
      }
      await session.end();
    });
  });

  it('refuses an offset of another lake, of a version that is not there, and one that is too old', async () => {
    await withFolder(async (lake) => {
      const session = await openSession(settingsOf(lake));
      await session.ask('freshen', freshen());
      const { end } = await session.ask('position');
      for (const offset of [
        { ...end, lake: 'another' },
        { ...end, version: end.version + 1 },
      ]) {
        const refused = await session.ask('position', { offset }).catch((error) => error);
        expect(codeOf(refused)).toBe('full_refresh_needed');
      }
      await session.end();
    });
  });

  it('ends what is under way when it is cancelled, or when the input ends', async () => {
    await withFolder(async (lake) => {
      const session = await openSession(settingsOf(lake));
      const { id, answer } = session.begin('freshen', freshen());
      await session.ask('cancel', { target: id });
      expect(codeOf(await answer.catch((error) => error))).toBe('stdio_cancelled');
      const second = session.begin('freshen', freshen());
      expect(await session.end()).toBe(0);
      expect(codeOf(await second.answer.catch((error) => error))).toBe('stdio_cancelled');
    });
  });

  it('says no secret on standard output or standard error, whatever it is asked', async () => {
    await withFolder(async (lake) => {
      const secret = 'a-secret-of-the-tenant';
      const session = await openSession({ ...settingsOf(lake), TEAMS_CLIENT_SECRET: secret });
      const refused = await session.ask('freshen', freshen()).catch((error) => error);
      expect(refused).toBeInstanceOf(Refused);
      await session.end();
      expect(JSON.stringify(session.frames) + session.err()).not.toContain(secret);
    });
  });

  it('takes a run that began long enough ago, and asks nothing then', async () => {
    await withFolder(async (lake) => {
      const session = await openSession(settingsOf(lake));
      expect(await session.ask('freshen', freshen())).toMatchObject({ ran: true, outcome: 'ok' });
      expect(await session.ask('freshen', freshen(LONG_AGO))).toMatchObject({ ran: false, requests: 0 });
      await session.end();
    });
  });
});
