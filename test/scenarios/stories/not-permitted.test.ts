import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { LEDGER_TABLES } from '../../../src/simulator/tenant/ledger.ts';
import { toGrant } from '../../../src/sync/least-permissions.ts';
import type { RunReport } from '../../../src/sync/report.ts';
import { tables } from '../../../src/tables/index.generated.ts';
import { type Answer, cli, jsonOf } from '../../support/cli.ts';
import { allRows, ledgerRows, withFolder } from '../../support/lake.ts';
import { startTwin, type TestTwin } from '../../support/twin.ts';

// Several syncs each: slow on a busy machine.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const ofMessages = [
  'messages',
  'message_replies',
  'message_reactions',
  'message_mentions',
  'message_attachments',
  'hosted_contents',
];
const ofChatMessages = [
  'chat_messages',
  'chat_message_reactions',
  'chat_message_mentions',
  'chat_message_attachments',
  'chat_hosted_contents',
];
const ofChannels = ['channels', 'channel_members', 'tabs', ...ofMessages];
const ofChats = ['chats', 'chat_members', 'chat_installed_apps', 'chat_tabs', ...ofChatMessages];
const ofTags = ['team_tags', 'team_tag_members'];
const ofCalls = [
  'call_records',
  'call_sessions',
  'call_segments',
  'call_participants',
  'pstn_calls',
  'direct_routing_calls',
];

const ofAttendance = ['attendance_reports', 'attendance_records', 'attendance_intervals'];
const ofCalendars = ['events', 'online_meetings', 'transcripts', 'recordings', ...ofAttendance];

/** The least that all tables need, and what each permission costs. */
const COSTS: Readonly<Record<string, readonly string[]>> = {
  'Team.ReadBasic.All': ['teams', 'members', 'member_roles', 'installed_apps', ...ofChannels, ...ofTags],
  'User.ReadBasic.All': ['users', 'user_installed_apps', ...ofChats, ...ofCalendars],
  'Channel.ReadBasic.All': ofChannels,
  'TeamMember.Read.All': ['members', 'member_roles'],
  'ChannelMember.Read.All': ['channel_members'],
  'ChannelMessage.Read.All': ofMessages,
  'Chat.Read.All': ofChats,
  'TeamsAppInstallation.ReadForTeam.All': ['installed_apps'],
  'TeamsAppInstallation.ReadForChat.All': ['chat_installed_apps'],
  'TeamsAppInstallation.ReadForUser.All': ['user_installed_apps'],
  'TeamsTab.Read.All': ['tabs', 'chat_tabs'],
  'TeamworkTag.Read.All': ofTags,
  'CallRecords.Read.All': ofCalls,
  'Calendars.ReadBasic': ofCalendars,
  'OnlineMeetings.Read.All': ['online_meetings'],
  'OnlineMeetingArtifact.Read.All': ofAttendance,
  'OnlineMeetingTranscript.Read.All': ['transcripts'],
  'OnlineMeetingRecording.Read.All': ['recordings'],
};
const LEAST = Object.keys(COSTS);
/** What is below meetings is asked for when one of them is due: nothing is, shortly after it was read. */
const ASKED_WHEN_DUE: readonly string[] = [
  'OnlineMeetings.Read.All',
  'OnlineMeetingArtifact.Read.All',
  'OnlineMeetingTranscript.Read.All',
  'OnlineMeetingRecording.Read.All',
];
/** All but those of bytes, which are read when they are asked for. */
const byDefault = tables.filter(({ files }) => files === undefined).map(({ name }) => name);

let twin: TestTwin;
beforeAll(async () => {
  twin = await startTwin({ teams: 3, channels: 4, messages: 6, users: 9, chats: 5, seed: 3, limits: 'none' });
});
afterAll(() => twin.close());

const grant = (granted: readonly string[]) => twin.post('/permissions', { granted, atOnce: true });
const without = (permission: string) => LEAST.filter((name) => name !== permission);

async function sync(lake: string, ...more: string[]): Promise<Answer & { readonly report: RunReport }> {
  const answer = await cli(['sync', '--lake', lake, '--limits', 'none', '--json', ...more], { ...twin.env });
  return { ...answer, report: jsonOf(answer) as RunReport };
}

const resourcesOf = (names: readonly string[]) =>
  new Set(tables.flatMap(({ name, resource }) => (names.includes(name) ? resource : [])));
const sorted = (names: readonly string[]) => [...names].sort();

/** The lake has just the rows of the tenant, of those tables that the twin keeps a ledger of. */
async function expectTruth(lake: string, names: readonly string[]): Promise<void> {
  const kept = names.filter((name) => LEDGER_TABLES.includes(name));
  const truth: Record<string, string[]> = {};
  for (const name of kept) truth[name] = ledgerRows(name, await twin.ledger(name));
  expect(await allRows(lake, kept)).toEqual(truth);
}

it('reads every table by default, with the least permissions', async () => {
  await grant(LEAST);
  await withFolder(async (lake) => {
    const { code, report } = await sync(lake);
    expect([code, report.outcome, report.notPermitted, report.skipped]).toEqual([0, 'ok', [], []]);
    const names = tables.map(({ name }) => name);
    await expectTruth(lake, names);
  });
});

/** Permissions that cost no table in common: what is left out says of each table which of them it lacks. */
const WITHHELD: readonly (readonly string[])[] = [
  [
    'Team.ReadBasic.All',
    'Chat.Read.All',
    'TeamsAppInstallation.ReadForUser.All',
    'CallRecords.Read.All',
    'OnlineMeetings.Read.All',
    'OnlineMeetingArtifact.Read.All',
    'OnlineMeetingTranscript.Read.All',
    'OnlineMeetingRecording.Read.All',
  ],
  [
    'User.ReadBasic.All',
    'Channel.ReadBasic.All',
    'TeamMember.Read.All',
    'TeamsAppInstallation.ReadForTeam.All',
    'TeamworkTag.Read.All',
  ],
  [
    'ChannelMember.Read.All',
    'ChannelMessage.Read.All',
    'TeamsAppInstallation.ReadForChat.All',
    'TeamsTab.Read.All',
    'Calendars.ReadBasic',
  ],
];

it('withholds each of the least permissions once, none together with one that costs the same', () => {
  expect(WITHHELD.flat().sort()).toEqual(sorted(LEAST));
  for (const group of WITHHELD) {
    const costs = group.flatMap((permission) => COSTS[permission]!);
    expect(costs.length).toBe(new Set(costs).size);
  }
});

describe.each(WITHHELD.map((group) => ({ group })))('$group withheld', ({ group }) => {
  it('are named, each with exactly the tables that it costs; a table that is named is refused; what is granted later is read', async () => {
    const cost = group.flatMap((permission) => COSTS[permission]!);
    const granted = LEAST.filter((name) => !group.includes(name));
    await withFolder(async (lake) => {
      await grant(granted);
      const first = await sync(lake);
      expect([first.code, first.report.outcome, first.report.skipped, first.report.fallbacks]).toEqual([
        0,
        'ok',
        [],
        [],
      ]);
      for (const permission of group) {
        const costing = first.report.notPermitted.filter(({ table }) => COSTS[permission]!.includes(table));
        expect([sorted(costing.map(({ table }) => table)), toGrant(costing)]).toEqual([
          sorted(COSTS[permission]!),
          [permission],
        ]);
      }
      expect(sorted(first.report.notPermitted.map(({ table }) => table))).toEqual(sorted(cost));
      expect(sorted(toGrant(first.report.notPermitted))).toEqual(sorted(group));
      const others = tables.flatMap(({ name }) => (cost.includes(name) ? [] : name));
      await expectTruth(lake, others);

      for (const permission of group) {
        const named = await sync(lake, '--tables', COSTS[permission]![0]!);
        // What is below meetings is asked for when one is due: of what was never read some is.
        expect(named.code, permission).toBe(3);
      }

      await grant(LEAST);
      const later = await sync(lake);
      expect([later.code, later.report.notPermitted]).toEqual([0, []]);
      await expectTruth(lake, cost);

      await grant(granted);
      const taken = await sync(lake);
      const asked = group.filter((permission) => !ASKED_WHEN_DUE.includes(permission));
      expect([taken.code, taken.report.outcome, taken.report.notPermitted]).toEqual([3, 'partial', []]);
      expect(new Set(taken.report.skipped.map(({ resource }) => resource))).toEqual(
        resourcesOf(asked.flatMap((permission) => COSTS[permission]!)),
      );
      await expectTruth(lake, cost);
    });
  });
});

it('asks once, and no second time, for what is not granted', async () => {
  await withFolder(async (lake) => {
    await grant(without('TeamMember.Read.All'));
    const before = await twin.get<{ byRoute: Record<string, number> }>('/requests');
    await sync(lake);
    const after = await twin.get<{ byRoute: Record<string, number> }>('/requests');
    const route = '/teams/{team-id}/members';
    expect((after.byRoute[route] ?? 0) - (before.byRoute[route] ?? 0)).toBe(1);
  });
});

it('says for people which tables are left out and what to grant, in two lines', async () => {
  await withFolder(async (lake) => {
    await grant(LEAST.filter((name) => name !== 'CallRecords.Read.All' && name !== 'Chat.Read.All'));
    const { out, err, code } = await cli(['sync', '--lake', lake, '--limits', 'none'], { ...twin.env });
    expect(code).toBe(0);
    expect(out).toMatch(/^Not permitted, so left out: .*chats, .*call_records.*\.$/m);
    expect(out).toMatch(
      /^To have them, grant the application Chat\.Read\.All, CallRecords\.Read\.All with admin consent/m,
    );
    expect(err).not.toMatch(/Skipped/);
  });
});

it('fails when nothing at all is granted', async () => {
  await withFolder(async (lake) => {
    await grant(['GroupMember.Read.All']);
    const { code, report } = await sync(lake);
    expect([code, report.outcome, report.error?.code]).toEqual([1, 'failed', 'permission_missing']);
    expect(report.notPermitted.map(({ table }) => table).sort()).toEqual(sorted(byDefault));
    expect((await cli(['plan', '--lake', lake], { ...twin.env })).code).toBe(1);
  });
});

it('is known to the plan: it asks once, and counts so', async () => {
  await withFolder(async (lake) => {
    await grant(LEAST.filter((name) => !['TeamMember.Read.All', 'Chat.Read.All'].includes(name)));
    await sync(lake);
    const plan = await cli(['plan', '--lake', lake, '--json'], { ...twin.env });
    expect(plan.code).toBe(0);
    const { requests } = jsonOf(plan) as { requests: number };
    expect((await sync(lake)).report.requests.total).toBe(requests);
    const { out } = await cli(['plan', '--lake', lake], { ...twin.env });
    expect(out).toMatch(/not granted/);
    expect(out).toMatch(/members.*TeamMember\.Read\.All/);
  });
});

it('is one team of some that were named: each of them is asked', async () => {
  await withFolder(async (lake) => {
    await grant(without('TeamMember.Read.All'));
    const ids = (await twin.ledger('teams')).map(({ id }) => String(id));
    const before = await twin.get<{ byRoute: Record<string, number> }>('/requests');
    const { code, report } = await sync(lake, '--team', ...ids);
    const after = await twin.get<{ byRoute: Record<string, number> }>('/requests');
    expect([code, report.notPermitted.map(({ table }) => table)]).toEqual([0, ['member_roles', 'members']]);
    const route = '/teams/{team-id}/members';
    expect((after.byRoute[route] ?? 0) - (before.byRoute[route] ?? 0)).toBe(ids.length);
    expect(Object.keys(report.strategies)).not.toContain('chats');
  });
});

describe('a refusal that gives no reason', () => {
  const members = '/teams/{team-id}/members';
  const refusals = async () => (await twin.get<{ byRoute: Record<string, number> }>('/requests')).byRoute[members] ?? 0;

  it('is a missing permission when the token does not show it', async () => {
    await twin.post('/behaviour', { missingRole: 'unexplained' });
    try {
      await withFolder(async (lake) => {
        await grant(without('TeamMember.Read.All'));
        const before = await refusals();
        const { code, report } = await sync(lake);
        expect([code, report.notPermitted]).toEqual([
          0,
          ['member_roles', 'members'].map((table) => ({ table, missing: ['TeamMember.Read.All'] })),
        ]);
        expect((await refusals()) - before).toBe(1);
      });
    } finally {
      await twin.post('/behaviour', { missingRole: 'named' });
    }
  });

  it('is no missing permission when the token shows it: it is of one team, and the others are read', async () => {
    await grant(LEAST);
    const team = String((await twin.ledger('teams'))[0]!['id']);
    const body = { error: { code: 'UnknownError', message: '' } };
    await twin.post('/faults', { kind: 'answer', status: 403, body, route: `/teams/${team}/members` });
    try {
      await withFolder(async (lake) => {
        const { code, report } = await sync(lake);
        expect([code, report.notPermitted]).toEqual([3, []]);
        expect(report.skipped).toMatchObject([{ resource: 'team_members', partition: team }]);
        expect(report.tables['members']!.rows).toBeGreaterThan(0);
      });
    } finally {
      await twin.delete('/faults');
    }
  });
});
