import { describe, expect, it } from 'vitest';
import { directorySize, resourceUnits, rowsOf } from './rows.ts';

const rows = (path: string, query = '', method = 'GET') =>
  rowsOf({ method, path, query: new URLSearchParams(query), clientId: 'app', tenantId: 'tenant' }, 'S');
const ids = (path: string) =>
  rows(path)
    .map(({ row }) => row.id)
    .sort();
const key = (path: string, id: string) => rows(path).find(({ row }) => row.id === id)?.key;

describe('which rows weigh a call', () => {
  it('are its own, per scope, and the global one', () => {
    expect(ids('/teams/t/channels/c/messages')).toEqual([
      'channelMessages.list.app',
      'channelMessages.list.app-tenant',
      'channelMessages.list.channel',
      'global.app',
    ]);
  });

  it('are the default ones for a route without a row', () => {
    expect(ids('/teams/t/channels/c/messages/delta')).toEqual([
      'global.app',
      'teams.default.get.app',
      'teams.default.get.app-tenant',
      'teams.default.get.chat-or-channel',
    ]);
    expect(ids('/teams')).toContain('teams.default.get.app-tenant');
  });

  it('are the high ones for the export, with no window per channel', () => {
    const limits = rows('/teams/t/channels/getAllMessages').filter(({ row }) => row.scope === 'app-tenant');
    expect(limits.map(({ row }) => row.limit)).toEqual([200]);
    expect(ids('/teams/t/channels/getAllMessages')).not.toContain('teams.default.get.chat-or-channel');
  });

  it('share a default window within a channel and not between channels', () => {
    const id = 'teams.default.get.chat-or-channel';
    expect(key('/teams/t/channels/c/messages/1', id)).toBe(key('/teams/t/channels/c/messages/delta', id));
    expect(key('/teams/t/channels/c/messages/1', id)).not.toBe(key('/teams/t/channels/d/messages/1', id));
  });

  it('take a channel for the same in either encoding', () => {
    const [raw, encoded] = ['19:a@thread.tacv2', '19%3Aa%40thread.tacv2'];
    for (const [path, id] of [
      ['messages', 'channelMessages.list.channel'],
      ['messages/delta', 'teams.default.get.chat-or-channel'],
    ] as const) {
      expect(key(`/teams/t/channels/${raw}/${path}`, id)).toBe(key(`/teams/t/channels/${encoded}/${path}`, id));
    }
  });

  it('of chats below a user are those of chats, not those of the directory', () => {
    expect(ids('/users/u/chats')).toEqual(['chats.list.app', 'chats.list.app-tenant', 'global.app']);
    const limits = rows('/users/u/chats/getAllMessages').filter(({ row }) => row.scope === 'app-tenant');
    expect(limits.map(({ row }) => row.limit)).toEqual([200]);
    expect(ids('/users/u/chats/getAllMessages/delta')).not.toContain('teams.default.get.chat-or-channel');
    expect(ids('/users/u')).toContain('identity.app');
  });

  it('are per chat for what is in one, in either encoding', () => {
    const id = 'teams.default.get.chat-or-channel';
    expect(ids('/chats/c/messages')).toContain('chatMessages.list.chat');
    expect(key('/chats/19:a@thread.v2/members', id)).toBe(key('/users/u/chats/19%3Aa%40thread.v2/members', id));
    expect(key('/chats/19:a@thread.v2/members', id)).not.toBe(key('/chats/19:b@thread.v2/members', id));
  });

  it('follow the size of the directory', () => {
    expect([49, 50, 500, 501].map(directorySize)).toEqual(['S', 'M', 'M', 'L']);
    expect(ids('/users')).toContain('identity.app-tenant.S');
    expect(ids('/users')).not.toContain('identity.app-tenant.L');
  });

  it.each([
    ['/users', '', 2],
    ['/users', '$select=id', 1],
    ['/users', '$select=id&$top=5', 1],
    ['/groups', '', 1],
    ['/groups', '$expand=members', 2],
  ])('cost %s?%s resource units: %i', (path, query, units) => {
    expect(resourceUnits(path, new URLSearchParams(query))).toBe(units);
  });
});
