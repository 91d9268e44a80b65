import { describe, expect, it } from 'vitest';
import { alert } from '../../../test/support/routing.ts';
import { compileInhibitRule, Inhibitor } from './inhibition.ts';

const rules = [
  compileInhibitRule(
    { source_matchers: ['severity="critical"'], target_matchers: ['severity=~"warning|critical"'], equal: ['cluster'] },
    0,
  ),
];
const NOW = Date.UTC(2026, 0, 5, 13);
const source = alert({ fingerprint: 'source', severity: 'critical', labels: { cluster: 'eu' } });
const target = alert({ fingerprint: 'target', severity: 'warning', labels: { cluster: 'eu' } });

const inhibitedBy = (inhibitor: Inhibitor, notification = target, now = NOW) =>
  inhibitor.inhibitedBy(rules, notification, now)?.sourceFingerprint;

describe('inhibition', () => {
  it('mutes targets with equal labels while the source fires', () => {
    const inhibitor = new Inhibitor();
    expect(inhibitedBy(inhibitor)).toBeUndefined();
    inhibitor.observe(rules, source, NOW);
    expect(inhibitedBy(inhibitor)).toBe('source');
    expect(inhibitedBy(inhibitor, { ...target, labels: { cluster: 'us' } })).toBeUndefined();
    expect(inhibitedBy(inhibitor, { ...target, severity: 'info' })).toBeUndefined();
    expect(inhibitedBy(inhibitor, { ...target, tenant: 'fabrikam' })).toBeUndefined();
    inhibitor.observe(rules, { ...source, status: 'resolved' }, NOW);
    expect(inhibitedBy(inhibitor)).toBeUndefined();
  });

  it('treats a label that both lack as equal', () => {
    const inhibitor = new Inhibitor();
    inhibitor.observe(rules, { ...source, labels: {} }, NOW);
    expect(inhibitedBy(inhibitor, { ...target, labels: {} })).toBe('source');
    expect(inhibitedBy(inhibitor)).toBeUndefined();
  });

  it('never lets two alerts that are source and target mute each other, nor one itself', () => {
    const inhibitor = new Inhibitor();
    const twin = { ...source, fingerprint: 'twin' };
    inhibitor.observe(rules, source, NOW);
    inhibitor.observe(rules, twin, NOW);
    expect(inhibitedBy(inhibitor, source)).toBeUndefined();
    expect(inhibitedBy(inhibitor, twin)).toBeUndefined();
    expect(inhibitedBy(inhibitor)).toBeDefined();
  });

  it('stops when the source passes its end, and survives a restart until then', () => {
    const inhibitor = new Inhibitor();
    inhibitor.observe(rules, { ...source, endsAt: NOW + 10 }, NOW);
    const restarted = new Inhibitor(JSON.parse(JSON.stringify(inhibitor.snapshot())));
    expect(inhibitedBy(restarted, target, NOW + 9)).toBe('source');
    expect(inhibitedBy(restarted, target, NOW + 10)).toBeUndefined();
    restarted.forgetEnded(NOW + 9);
    expect(restarted.snapshot()).toHaveLength(1);
    restarted.forgetEnded(NOW + 10);
    expect(restarted.snapshot()).toEqual([]);
  });
});
