import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSluiceError } from '../../errors/sluice-error.ts';
import { applyEvent, EVENT_TYPES, parseEvent, type TwinEventType } from './events.ts';
import { generateTenant } from './generator.ts';
import { firstAfter } from './sorted-index.ts';
import type { TenantStore } from './store.ts';
import type { TwinMessage } from './types.ts';

const nowMs = Date.UTC(2026, 5, 1, 12);

/** Every message, found through the roots and their replies only. */
function everything(tenant: TenantStore): TwinMessage[] {
  const channels = tenant.teams().flatMap(({ id }) => tenant.channels(id));
  return channels.flatMap(({ id }) => tenant.roots(id).flatMap((root) => [root, ...tenant.replies(root)]));
}

const lastActivity = (tenant: TenantStore, root: TwinMessage) =>
  Math.max(root.modifiedMs, ...tenant.replies(root).map(({ modifiedMs }) => modifiedMs));

function expectIndexesToHold(tenant: TenantStore, range: { gtMs: number; ltMs: number }): void {
  const all = everything(tenant);
  for (const team of tenant.teams()) {
    const naive = all
      .filter(({ channel }) => channel.teamId === team.id && channel.membershipType !== 'shared')
      .sort((a, b) => a.sequence - b.sequence);
    expect(tenant.teamMessages(team.id)).toEqual(naive);
    const inRange = naive.filter(({ modifiedMs }) => modifiedMs > range.gtMs && modifiedMs < range.ltMs);
    expect(tenant.teamMessages(team.id, range).map(({ sequence }) => sequence)).toEqual(inRange.map((m) => m.sequence));
    for (const channel of tenant.channels(team.id)) expectChannelToHold(tenant, channel.id, all);
  }
}

function expectChannelToHold(tenant: TenantStore, channelId: string, all: readonly TwinMessage[]): void {
  const roots = tenant.roots(channelId);
  const activity = roots.map((root) => lastActivity(tenant, root));
  expect(activity).toEqual([...activity].sort((a, b) => b - a));
  for (const root of roots) {
    expect(tenant.root(channelId, root.id)).toBe(root);
    const created = tenant.replies(root).map(({ createdMs }) => createdMs);
    expect(created).toEqual([...created].sort((a, b) => b - a));
  }
  const changes = all.filter(({ channel }) => channel.id === channelId);
  changes.sort((a, b) => a.changeSequence - b.changeSequence);
  expect(tenant.changes(channelId, 0).map(({ sequence }) => sequence)).toEqual(changes.map(({ sequence }) => sequence));
  const middle = changes[Math.floor(changes.length / 2)];
  if (middle) {
    const after = changes.filter(({ changeSequence }) => changeSequence > middle.changeSequence);
    expect(tenant.changes(channelId, middle.changeSequence)).toEqual(after);
  }
}

function happens(tenant: TenantStore, type: TwinEventType, atMs: number): void {
  try {
    applyEvent(tenant, parseEvent({ type }), atMs);
  } catch (error) {
    // An event that finds no target is refused and changes nothing.
    if (!isSluiceError(error)) throw error;
  }
}

describe('the indexes', () => {
  it('equal a naive recomputation after any events, read in between or not', () => {
    const steps = fc.array(
      fc.record({
        type: fc.constantFrom<TwinEventType>(...EVENT_TYPES, 'post', 'reply', 'edit', 'react', 'delete'),
        passMs: fc.integer({ min: 0, max: 100_000 }),
        read: fc.boolean(),
      }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(fc.integer(), steps, (seed, events) => {
        const tenant = generateTenant({ teams: 2, channels: 4, messages: 6, users: 12, seed, nowMs });
        let atMs = nowMs;
        for (const { type, passMs, read } of events) {
          atMs += passMs;
          const before = tenant.revision;
          happens(tenant, type, atMs);
          expect(tenant.revision).toBeGreaterThanOrEqual(before);
          if (read) expectIndexesToHold(tenant, { gtMs: nowMs - 1, ltMs: atMs });
        }
        expectIndexesToHold(tenant, { gtMs: nowMs - 100 * 86_400_000, ltMs: (nowMs + atMs) / 2 });
      }),
      { numRuns: 40 },
    );
  });

  it('keep a rendering only until the message changes', () => {
    const tenant = generateTenant({ teams: 1, channels: 2, messages: 20, users: 10, seed: 1, nowMs });
    const render = () => everything(tenant).map((m) => Buffer.from(tenant.graphJson(m)).toString());
    render();
    for (const type of ['react', 'edit', 'delete', 'undelete', 'unreact'] as const) {
      const { channelId, messageId, replyId } = applyEvent(tenant, parseEvent({ type }), nowMs + 5);
      const root = tenant.root(channelId!, messageId!)!;
      const message = replyId ? tenant.reply(root, replyId)! : root;
      const { etag, deletedDateTime } = JSON.parse(Buffer.from(tenant.graphJson(message)).toString()) as Record<
        string,
        unknown
      >;
      expect(etag).toBe(String(nowMs + 5));
      expect(deletedDateTime !== null).toBe(message.deletedMs !== null);
    }
  });
});

describe('firstAfter', () => {
  it('pages through messages that leave the range without losing a row', () => {
    const tenant = generateTenant({ teams: 1, channels: 2, messages: 40, users: 10, seed: 2, nowMs });
    const teamId = tenant.teams()[0]!.id;
    const range = { gtMs: 0, ltMs: nowMs };
    const stay = new Set(tenant.teamMessages(teamId, range).slice(5));
    const seen = new Set<TwinMessage>();
    for (let last = 0; ; ) {
      const rows = tenant.teamMessages(teamId, range);
      const page = rows.slice(firstAfter(rows, last)).slice(0, 10);
      if (page.length === 0) break;
      for (const message of page) seen.add(message);
      last = page.at(-1)!.sequence;
      const leaving = tenant.teamMessages(teamId, range)[0]!;
      if (!stay.has(leaving)) tenant.changeMessage(tenant.teamMessages(teamId, range)[0]!, nowMs + 1, {});
    }
    expect([...stay].every((message) => seen.has(message))).toBe(true);
  });
});
