import { describe, expect, it } from 'vitest';
import { createMatcher, matches } from './matching.ts';

const rowsOf = (method: string, route: string, ids: Record<string, string> = {}) =>
  createMatcher()({ method, route, ids })
    .map(({ row }) => row.id)
    .sort();

describe('route patterns', () => {
  it.each([
    ['/teams/{team-id}', '/teams/{id}', true],
    ['/teams/{team-id}', '/teams/{id}/channels', false],
    ['/users/**', '/users', true],
    ['/users/**', '/users/{id}/chats', true],
    ['/users/**', '/usersettings', false],
    [
      '/communications/callRecords/getPstnCalls(**)',
      '/communications/callRecords/getPstnCalls(fromDateTime={f},toDateTime={t})',
      true,
    ],
  ])('%s and %s: %s', (pattern, route, expected) => {
    expect(matches(pattern, route)).toBe(expected);
  });
});

describe('the windows that apply', () => {
  const ids = { 'team-id': 't', 'channel-id': 'c' };

  it('are those of the most specific pattern and the global one', () => {
    expect(rowsOf('GET', '/teams/{team-id}/channels/{channel-id}/messages', ids)).toEqual([
      'channelMessages.list.app',
      'channelMessages.list.app-tenant',
      'channelMessages.list.channel',
      'global.app',
    ]);
    expect(rowsOf('GET', '/teams/{team-id}/channels/getAllMessages', ids)).toEqual([
      'export.channelMessages.app',
      'export.channelMessages.app-tenant',
      'global.app',
    ]);
  });

  it('fall back to the default of Teams, per channel', () => {
    expect(rowsOf('GET', '/teams/{team-id}/channels/{channel-id}/messages/{message-id}/replies', ids)).toEqual([
      'global.app',
      'teams.default.get.app',
      'teams.default.get.app-tenant',
      'teams.default.get.chat-or-channel',
    ]);
  });

  it('count identity requests in the window of the tenant size', () => {
    expect(rowsOf('GET', '/users')).toEqual(['global.app', 'identity.app', 'identity.app-tenant.S']);
  });
});
