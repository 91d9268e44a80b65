import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cli } from '../support/cli.ts';
import { startTwin, type TestTwin } from '../support/twin.ts';

let twin: TestTwin;
beforeAll(async () => {
  twin = await startTwin({
    teams: 2,
    channels: 2,
    messages: 1,
    users: 8,
    chats: 4,
    limits: 'none',
    profile: 'recorded',
  });
});
afterAll(() => twin.close());

const lines = (out: string) =>
  out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, string>);
const idsIn = async (table: string) => (await twin.ledger(table)).map(({ id }) => id).sort();

describe('sluice ids', () => {
  it.each(['teams', 'channels', 'users', 'chats'])(
    'lists each of the %s once, with what people know them by',
    async (name) => {
      const { code, out, err } = await cli(['ids', name, '--json'], twin.env);
      const found = lines(out);
      const kind = name.slice(0, -1);
      expect(found.map((one) => one[`${kind}-id`]).sort()).toEqual(await idsIn(name));
      expect(Object.keys(found[0]!)).toContain(name === 'chats' ? 'topic' : 'displayName');
      // A user without a licence has no chats to list: named, and no failure.
      expect([code, err !== '']).toEqual([0, name === 'chats']);
    },
  );

  it('shows teams and channels when nothing is named, every id whole', async () => {
    const { code, out } = await cli(['ids'], twin.env);
    expect(code).toBe(0);
    for (const id of [...(await idsIn('teams')), ...(await idsIn('channels'))]) expect(out).toContain(id);
  });

  it('lists what is below one team, in any case of its id', async () => {
    const [team] = await twin.ledger('teams');
    const { code, out } = await cli(
      ['ids', 'channels', '--json', '--team', String(team!['id']).toUpperCase()],
      twin.env,
    );
    expect(code).toBe(0);
    expect(new Set(lines(out).map((one) => one['team-id']))).toEqual(new Set([team!['id']]));
  });

  it('names a team that there is not, and lists the others', async () => {
    const [team] = await twin.ledger('teams');
    const nobody = '99999999-8888-7777-6666-555555555555';
    const { code, out, err } = await cli(['ids', '--json', '--team', nobody, String(team!['id'])], twin.env);
    expect(code).toBe(3);
    expect(err).toContain(`There is no ${nobody} among the teams.`);
    expect(err).not.toContain(String(team!['id']));
    expect(new Set(lines(out).map((one) => one['team-id']))).toEqual(new Set([team!['id']]));
  });

  it.each(['users', 'chats'])('refuses --team for %s, which are below none', async (name) => {
    const { code, out, err } = await cli(['ids', 'channels', name, '--team', 'x'], twin.env);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(`--team does not choose among ${name}. It chooses among: teams, channels`);
  });
});
