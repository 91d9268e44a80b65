import { describe, expect, it } from 'vitest';
import { resourceNamed, resources } from '../resources/index.ts';
import { endpointsOf } from '../resources/types.ts';
import { leastPermissions, manifestOf, resourceSpecific, toGrant } from './least-permissions.ts';

const named = (...names: string[]) => names.map(resourceNamed);

describe('the least permissions', () => {
  it.each([
    { of: ['teams'], least: ['Team.ReadBasic.All'] },
    { of: ['users'], least: ['User.ReadBasic.All'] },
    { of: ['channel_messages'], least: ['Team.ReadBasic.All', 'Channel.ReadBasic.All', 'ChannelMessage.Read.All'] },
    { of: ['chats'], least: ['User.ReadBasic.All', 'Chat.ReadBasic.All'] },
    { of: ['chats', 'chat_messages'], least: ['User.ReadBasic.All', 'Chat.Read.All'] },
    { of: ['call_records', 'pstn_calls'], least: ['CallRecords.Read.All'] },
    { of: ['pstn_calls'], least: ['CallRecord-PstnCalls.Read.All'] },
  ])('of $of are $least', ({ of, least }) => {
    expect(leastPermissions(named(...of))).toEqual(least);
  });

  it('are enough for every endpoint that is asked first, and none of them can be left out', () => {
    const least = leastPermissions(resources);
    const needs = resources.map(({ reads }) => reads[0].permissions);
    const isEnough = (granted: readonly string[]) => needs.every((any) => any.some((one) => granted.includes(one)));
    expect(isEnough(least)).toBe(true);
    for (const one of least) expect(isEnough(least.filter((other) => other !== one)), one).toBe(false);
  });
});

describe('what does for single teams and chats', () => {
  it('is named beside the permission that it stands for', () => {
    expect(resourceSpecific(named('team_members', 'channel_messages'))).toEqual([
      { permission: 'TeamMember.Read.Group', insteadOf: 'TeamMember.Read.All' },
      { permission: 'ChannelMessage.Read.Group', insteadOf: 'ChannelMessage.Read.All' },
    ]);
  });

  it('is of no list of the tenant and of no export', () => {
    const exported = resources
      .flatMap(endpointsOf)
      .filter(({ route }) => /getAllMessages|^\/(teams|users)$/.test(route));
    expect(exported.map(({ resourceSpecific: permission }) => permission)).toEqual(exported.map(() => undefined));
  });

  it('is asked for by the manifest of the app', () => {
    const manifest = manifestOf('app', resourceSpecific(named('chat_members')));
    expect(manifest.authorization.permissions.resourceSpecific).toEqual([
      { name: 'ChatMember.Read.Chat', type: 'Application' },
    ]);
  });
});

describe('what is to be granted for tables that were left out', () => {
  it('is no more than what they need together', () => {
    const missing = (table: string, ...permissions: string[]) => ({ table, missing: permissions });
    const left = [
      missing('chats', 'Chat.ReadBasic.All'),
      missing('chat_members', 'Chat.ReadBasic.All', 'ChatMember.Read.All'),
      missing('chat_messages', 'Chat.ReadBasic.All', 'Chat.Read.All'),
    ];
    expect(toGrant(left)).toEqual(['Chat.Read.All']);
    expect(toGrant(left.slice(0, 1))).toEqual(['Chat.ReadBasic.All']);
    expect(toGrant([])).toEqual([]);
  });
});
