import { describe, expect, it } from 'vitest';
import type { Fallback } from '../../strategies/strategy.ts';
import type { RunReport, SkippedPartition } from '../../sync/report.ts';
import { renderFailures, renderReport } from './report.ts';

const report: RunReport = {
  event: 'run',
  outcome: 'partial',
  tables: {},
  requests: { total: 3, throttled: 0, retried: 0 },
  plan: { requests: 3, lowerBoundMs: 10 },
  elapsedMs: 20,
  skipped: [],
  fallbacks: [],
  gaps: [],
  unfinished: [],
  fillings: [],
  notFilled: [],
  absent: [],
  notPermitted: [],
  strategies: {},
  version: 4,
};
const lines = (more: Partial<RunReport>) => renderReport({ ...report, ...more }, { columns: 100 }).split('\n');
const failures = (more: Partial<RunReport>) =>
  renderFailures({ ...report, ...more })
    .trimEnd()
    .split('\n');

describe('the report as text', () => {
  it('says once why a team is missing, whatever tables that costs', () => {
    const gone = (resource: string, partition: string): SkippedPartition => ({
      resource,
      partition,
      code: 'not_found',
      message: `Not there (${resource}).`,
    });
    const skipped = [gone('teams', 't1'), gone('channel_messages', 'team:t1'), gone('teams', 't2')];
    expect(failures({ skipped })).toEqual([
      'Skipped teams, channel_messages of t1: Not there (teams).',
      'Skipped teams of t2: Not there (teams).',
    ]);
  });

  it('names every missing permission', () => {
    const skipped = ['User.Read.All', 'TeamMember.Read.All'].map((permission) => ({
      resource: 'r',
      partition: 'tenant',
      code: 'permission_missing',
      permission,
      message: `Grant ${permission}.`,
    }));
    const text = failures({ skipped }).join('\n');
    expect(text).toContain('Grant User.Read.All.');
    expect(text).toContain('Grant TeamMember.Read.All.');
  });

  it('leaves what went wrong to stderr', () => {
    const error = { code: 'lake_disk_full', message: 'No space left.' };
    const skipped = [{ resource: 'r', partition: 'team:t', code: 'forbidden', message: 'Refused.' }];
    const shown = lines({ outcome: 'failed', error, skipped }).join('\n');
    expect(shown).toContain('The run failed.');
    expect(shown).toContain('1 not read: named on stderr.');
    expect(shown).not.toMatch(/No space|Refused/);
    expect(failures({ error, skipped })).toEqual(['lake_disk_full: No space left.', 'Skipped r of t: Refused.']);
  });

  it('names what was read by another strategy', () => {
    const refused = (partition: string): Fallback => ({
      resource: 'channel_messages',
      partition,
      from: 'export',
      to: 'recent',
      code: 'forbidden',
    });
    expect(lines({ fallbacks: [refused('team:t1')] })).toContain(
      'channel_messages of team:t1: export was refused (forbidden), read by recent.',
    );
    expect(lines({ fallbacks: [refused('team:t1'), refused('team:t2')] })).toContain(
      'channel_messages of 2 partitions: export was refused (forbidden), read by recent.',
    );
  });
});
