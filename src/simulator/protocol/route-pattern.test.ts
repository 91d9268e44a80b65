import { describe, expect, it } from 'vitest';
import { pathSegments, routePattern } from './route-pattern.ts';

const match = (pattern: string, path: string) => routePattern(pattern).match(pathSegments(path));

describe('a route pattern', () => {
  it('names and decodes segments, without regard to case elsewhere', () => {
    expect(match('/teams/{team-id}/channels', '/Teams/a%2Fb/CHANNELS')).toEqual({ 'team-id': 'a/b' });
    expect(match('/teams/{team-id}', '/teams')).toBeUndefined();
  });

  it.each(['/teams', '/teams/t', '/teams/t/channels/c/messages'])('/teams/** matches %s', (path) => {
    expect(match('/teams/**', path)).toEqual({});
  });

  it('takes an id in either encoding', () => {
    expect(match('/channels/19:a@thread.tacv2', '/channels/19%3Aa%40thread.tacv2')).toEqual({});
    expect(match('/channels/19%3Aa%40thread.tacv2', '/channels/19:a@thread.tacv2')).toEqual({});
  });

  it('takes ** in the middle', () => {
    expect(match('/teams/**/messages', '/teams/t/channels/c/messages')).toEqual({});
    expect(match('/teams/**/messages', '/teams/t/channels/c')).toBeUndefined();
  });

  it('weighs literals above names above **', () => {
    const weights = ['/teams/{t}/channels/getAllMessages', '/teams/{t}/channels/{c}', '/teams/**'].map(
      (text) => routePattern(text).weight,
    );
    expect(weights).toEqual([...weights].sort((a, b) => b - a));
    expect(new Set(weights).size).toBe(3);
  });
});
