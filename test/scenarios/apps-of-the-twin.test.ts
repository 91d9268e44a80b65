import { expect, it, vi } from 'vitest';
import { fastRuntime } from '../support/fast-runtime.ts';
import { allRows, ask, ledgerRows, withFolder } from '../support/lake.ts';
import { runSync } from '../support/sync.ts';
import { startTwin, type TestTwin } from '../support/twin.ts';

// Whole syncs: slow on a busy machine.
vi.setConfig({ testTimeout: 400_000 });

const names = [
  ...['installed_apps', 'chat_installed_apps', 'user_installed_apps'],
  ...['tabs', 'chat_tabs', 'team_tags', 'team_tag_members'],
];

async function withTwin(use: (twin: TestTwin, read: Read, folder: string) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const runtime = fastRuntime(20);
    const size = { teams: 3, channels: 3, messages: 5, users: 12, chats: 6, seed: 5, limits: 'none' } as const;
    const twin = await startTwin(size, { runtime });
    try {
      await use(twin, (tables = names) => runSync({ env: twin.env, lake: folder, runtime, tables }), folder);
    } finally {
      await twin.close();
    }
  });
}
type Read = (tables?: readonly string[]) => ReturnType<typeof runSync>;

const truthOf = (twin: TestTwin) => Promise.all(names.map(async (name) => ledgerRows(name, await twin.ledger(name))));

it('apps, tabs and tags of every place are those of the ledger, and follow it', () =>
  withTwin(async (twin, read, folder) => {
    const rows = async () => Object.values(await allRows(folder, names));
    const first = await read();
    // The chats of one user are refused, and so are the apps: they have no licence.
    expect([...new Set(first.absent.map(({ code }) => code))]).toEqual(['licence_missing']);
    const before = await truthOf(twin);
    expect(before.map((one) => one.length > 0)).toEqual(names.map(() => true));
    expect(await rows()).toEqual(before);
    expect(
      await ask(
        folder,
        `SELECT count(DISTINCT teamsApp.id) > 3, bool_and(teamsApp.id = lower(teamsAppDefinition.teamsAppId)),
          bool_or(teamsApp.distributionMethod = 'preview'),
          max(len(consentedPermissionSet.resourceSpecificPermissions)) FROM installed_apps`,
      ),
    ).toEqual([[true, true, true, 2]]);

    const [tab] = await twin.ledger('tabs');
    const [tag] = await twin.ledger('team_tags');
    const teamId = tag!['team_id'];
    // No tab and no tag stays: an empty list is a list.
    for (const one of (await twin.ledger('tabs')).filter((other) => other['channel_id'] === tab!['channel_id']))
      await twin.post('/events', { type: 'removeTab', channelId: one['channel_id'], tabId: one['id'] });
    for (const one of (await twin.ledger('team_tags')).filter((other) => other['team_id'] === teamId))
      await twin.post('/events', { type: 'removeTag', teamId, tagId: one['id'] });
    await twin.post('/events', [
      ...[{ type: 'installApp' }, { type: 'upgradeApp' }, { type: 'removeApp' }],
      ...[{ type: 'addTab' }, { type: 'createTag' }, { type: 'changeTag' }, { type: 'deleteChannel' }],
      { type: 'deleteTeam' },
    ]);
    const second = await read();
    expect(second.absent.map(({ code }) => code)).toEqual(first.absent.map(({ code }) => code));
    const after = await truthOf(twin);
    expect(after).not.toEqual(before);
    expect(await rows()).toEqual(after);
    const third = await read();
    expect(names.map((name) => third.tables[name]?.rows)).toEqual(names.map(() => 0));
  }));

it('what a permission is missing for is named, and the rest is read', () =>
  withTwin(async (twin, read) => {
    await twin.post('/permissions', { withhold: ['TeamsTab.Read.All', 'TeamworkTag.Read.All'] });
    const report = await read(['installed_apps', 'tabs', 'team_tags', 'team_tag_members']);
    expect(report.outcome).toBe('partial');
    expect(new Set(report.skipped.map(({ resource, code }) => `${resource} ${code}`))).toEqual(
      new Set([
        'channel_tabs permission_missing',
        'team_tags permission_missing',
        'team_tag_members permission_missing',
      ]),
    );
    expect(report.tables['installed_apps']!.rows).toBe((await twin.ledger('installed_apps')).length);
  }));
