import { describe, expect, it } from 'vitest';
import { alert } from '../../../test/support/routing.ts';
import { compileMatchers } from './compile-matchers.ts';
import { formatMatcher, parseMatchers } from './matcher-syntax.ts';

const holds = (text: string, changes: Parameters<typeof alert>[0]) =>
  compileMatchers([text]).every((matcher) => matcher.matches(alert(changes)));

describe('matchers', () => {
  it.each([
    ['team="db"', { labels: { team: 'db' } }, true],
    ['team="db"', { labels: { team: 'dbx' } }, false],
    ['team!="db"', { labels: {} }, true],
    ['team=""', { labels: {} }, true],
    ['team=~".*"', { labels: {} }, true],
    ['team=~".+"', { labels: {} }, false],
    ['team=~"d|b"', { labels: { team: 'db' } }, false],
    ['team=~"d.*"', { labels: { team: 'db' } }, true],
    ['team!~"d.*"', { labels: { team: 'db' } }, false],
    ['tag="prod"', { tags: ['eu', 'prod'] }, true],
    ['tag!="prod"', { tags: ['eu', 'prod'] }, false],
    ['tag=~"p.*"', { tags: ['eu', 'prod'] }, true],
    ['tag!~"p.*"', { tags: ['eu'] }, true],
    ['tag=""', { tags: [] }, true],
    ['tag=""', { tags: ['eu'] }, false],
    ['severity="critical"', { severity: 'critical' }, true],
    ['severity="critical"', { labels: { severity: 'critical' } }, true],
    ['severity="critical"', { severity: 'info', labels: { severity: 'critical' } }, false],
    ['"severity"="critical"', { severity: 'info', labels: { severity: 'critical' } }, true],
    ['source="grafana"', { source: 'grafana' }, true],
    ['constructor=""', { labels: {} }, true],
    ['__proto__=""', { labels: {} }, true],
  ])('%s on %j is %s', (text, changes, expected) => {
    expect(holds(text, changes)).toBe(expected);
  });

  it('reads every form of the syntax', () => {
    expect(parseMatchers(' { foo = bar , "a b"=~"x\\"\\\\\\n", tag!~d+, } ')).toEqual([
      { field: 'label', name: 'foo', op: '=', value: 'bar' },
      { field: 'label', name: 'a b', op: '=~', value: 'x"\\\n' },
      { field: 'tag', op: '!~', value: 'd+' },
    ]);
    expect(parseMatchers('host=~"db\\d"')).toEqual([{ field: 'label', name: 'host', op: '=~', value: 'db\\d' }]);
  });

  it.each([
    ['', 'no condition'],
    ['{}', 'no condition'],
    ['team', 'expected one of'],
    ['="x"', 'label name'],
    ['team="x', 'closing quote'],
    ['team="x" other="y"', 'comma'],
    ['{team="x"', '"}"'],
    ['{team="x"} y', 'after the end'],
    ['team=="x"', 'comma'],
  ])('refuses %j: %s', (text, problem) => {
    expect(() => parseMatchers(text)).toThrow(expect.objectContaining({ code: 'matcher_invalid' }));
    expect(() => parseMatchers(text)).toThrow(problem);
  });

  it('writes what it reads', () => {
    for (const text of ['team="db"', '"severity"="x"', 'severity!~"a\\\\b"', '"a b"="\\"q\\""']) {
      expect(parseMatchers(text).map(formatMatcher)).toEqual([text]);
    }
  });

  it.each(['(?=a)b', '(?<!a)b', '(a)\\1', '(', '[z-a]', 'a{1000}{1000}', '(x{0,300}y){0,30}', 'a'.repeat(2_001)])(
    'refuses the pattern %s with a typed error',
    (pattern) => {
      const spec = { field: 'label', name: 'x', op: '=~', value: pattern } as const;
      expect(() => compileMatchers([spec])).toThrow(expect.objectContaining({ code: 'pattern_invalid' }));
    },
  );
});
