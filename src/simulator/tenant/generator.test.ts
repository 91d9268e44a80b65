import { describe, expect, it } from 'vitest';
import { generateTenant } from './generator.ts';
import { isSystemEvent } from './message.ts';
import type { TenantStore } from './store.ts';
import type { TwinMessage } from './types.ts';

const nowMs = Date.UTC(2026, 10, 24, 12);
const options = { teams: 4, channels: 6, messages: 120, users: 80, seed: 5, nowMs };

const channelsOf = (tenant: TenantStore) => tenant.teams().flatMap(({ id }) => tenant.channels(id));
const messagesOf = (tenant: TenantStore): readonly TwinMessage[] =>
  channelsOf(tenant).flatMap(({ id }) => tenant.changes(id, 0));
const bytesOf = (tenant: TenantStore) =>
  Buffer.concat(messagesOf(tenant).map((message) => tenant.graphJson(message))).toString();
const byCreation = (a: TwinMessage, b: TwinMessage) => a.createdMs - b.createdMs;

/** Who said what, in the order of channels, threads and messages. */
function spoken(messages: readonly TwinMessage[]): { by: unknown; text: string }[] {
  const inOrder = messages.toSorted(
    (a, b) =>
      byCreation(a.root ?? a, b.root ?? b) || Number(a.root !== null) - Number(b.root !== null) || byCreation(a, b),
  );
  const channels = [...new Set(messages.map(({ channel }) => channel.id))];
  return channels.flatMap((id) =>
    inOrder
      .filter(({ channel }) => channel.id === id)
      .map(({ from, eventDetail, content }) => ({ by: from?.id ?? eventDetail, text: content })),
  );
}

describe('generateTenant', () => {
  const tenant = generateTenant(options);
  const messages = messagesOf(tenant);

  it('gives the same tenant for the same seed and another one for another seed', () => {
    expect(bytesOf(generateTenant(options)) === bytesOf(tenant)).toBe(true);
    expect(bytesOf(generateTenant({ ...options, seed: 6 })) === bytesOf(tenant)).toBe(false);
  });

  it.each([
    ['at night', Date.UTC(2026, 10, 25, 2)],
    ['on a Sunday', Date.UTC(2026, 10, 29, 12)],
    ['a year later', Date.UTC(2027, 10, 24, 12)],
    ['on a leap day', Date.UTC(2028, 1, 29, 23, 59)],
  ])('lets the same people say the same %s', (_, otherMs) => {
    const [said, others] = [messages, messagesOf(generateTenant({ ...options, nowMs: otherMs }))].map(spoken);
    expect(others!.map(({ by }) => by)).toEqual(said!.map(({ by }) => by));
    const differing = said!.map(({ text }, index) => [text, others![index]!.text]).filter(([a, b]) => a !== b);
    // A message that was written shortly before now may not be deleted yet.
    expect(differing.filter((texts) => !texts.includes(''))).toEqual([]);
    expect(differing.length).toBeLessThan(5);
  });

  it('begins every channel with the people who were added to it', () => {
    for (const { id } of channelsOf(tenant)) {
      const [first] = tenant
        .roots(id)
        .filter((root) => tenant.replies(root).length === 0)
        .toSorted(byCreation);
      expect(first!.eventDetail).toMatchObject({ '@odata.type': '#microsoft.graph.membersAddedEventMessageDetail' });
      expect(first!.eventDetail!['members']).toHaveLength(tenant.channelMembers(id).length);
    }
  });

  it('has exactly the messages that were asked for', () => {
    const roots = messages.filter(({ root }) => root === null);
    expect(roots).toHaveLength(4 * 6 * 120);
    expect(messages.length - roots.length).toBe(4 * 6 * 120 * 0.3 * 3);
    expect(roots.filter((root) => tenant.replies(root).length > 0)).toHaveLength(4 * 6 * 120 * 0.3);
  });

  it('has nothing younger than now and no reply older than its root', () => {
    for (const message of messages) {
      expect(message.modifiedMs).toBeLessThanOrEqual(nowMs);
      expect(message.modifiedMs).toBeGreaterThanOrEqual(message.createdMs);
      if (message.root) expect(message.createdMs).toBeGreaterThan(message.root.createdMs);
    }
  });

  it('repeats ids across channels and across threads, never within one thread', () => {
    const places = new Map<string, Set<string>>();
    const keys = new Set<string>();
    for (const { id, channel, root } of messages) {
      const thread = `${channel.id} ${root?.id ?? 'root'}`;
      expect(keys.has(`${thread} ${id}`)).toBe(false);
      keys.add(`${thread} ${id}`);
      places.set(id, (places.get(id) ?? new Set()).add(thread));
    }
    const repeated = [...places.values()].filter((threads) => threads.size > 1).map((threads) => [...threads]);
    const channels = repeated.map((threads) => new Set(threads.map((thread) => thread.split(' ')[0])).size);
    expect(channels.some((count) => count > 1)).toBe(true);
    expect(channels.some((count) => count === 1)).toBe(true);
  });

  it('has all kinds of channels, and fewer members in private ones', () => {
    const channels = channelsOf(tenant);
    expect(new Set(channels.map(({ membershipType }) => membershipType))).toEqual(
      new Set(['standard', 'private', 'shared']),
    );
    for (const { id, teamId, membershipType, sharedWithTeamIds } of channels) {
      const [inChannel, inTeam] = [tenant.channelMembers(id).length, tenant.teamMembers(teamId).length];
      if (membershipType === 'standard') expect(inChannel).toBe(inTeam);
      else expect(inChannel).toBeLessThan(inTeam);
      for (const other of sharedWithTeamIds) expect(tenant.incomingChannels(other).map((c) => c.id)).toContain(id);
    }
    for (const { id } of tenant.teams()) expect(tenant.channels(id)[0]!.displayName).toBe('General');
  });

  it('has everything that happens to messages', () => {
    const some = (wanted: (message: TwinMessage) => boolean) => messages.filter(wanted).length;
    expect(some(({ editedMs }) => editedMs !== null)).toBeGreaterThan(50);
    expect(some(({ deletedMs, content }) => deletedMs !== null && content === '')).toBeGreaterThan(10);
    expect(some(({ reactions }) => reactions.length > 2)).toBeGreaterThan(20);
    expect(some(({ history }) => history.some(({ actions }) => actions === 'reactionRemoved'))).toBeGreaterThan(0);
    expect(some(({ mentions }) => mentions.length > 0)).toBeGreaterThan(100);
    expect(some(({ attachments }) => attachments[0]?.contentType === 'reference')).toBeGreaterThan(50);
    expect(some(({ attachments }) => attachments[0]?.content?.includes('AdaptiveCard') ?? false)).toBeGreaterThan(20);
    expect(some(isSystemEvent)).toBeGreaterThan(10);
    expect(some(({ from }) => from !== null && 'type' in from)).toBeGreaterThan(20);
    for (const script of [/\p{Script=Han}/u, /\p{Script=Cyrillic}/u, /[éüß]/, /\p{Extended_Pictographic}/u]) {
      expect(some(({ content }) => script.test(content))).toBeGreaterThan(10);
    }
    expect(some(({ content }) => /\{\w+\}|undefined/.test(content))).toBe(0);
  });

  it('gives every person an address of their own', () => {
    const mails = generateTenant({ ...options, users: 3000, messages: 0 })
      .users()
      .map(({ mail }) => mail);
    expect(new Set(mails).size).toBe(3000);
    for (const mail of mails) expect(mail).toMatch(/^[a-z0-9]+\.[a-z0-9]+@/);
  });
});

describe('the id of a tenant', () => {
  it('is its own for every seed and size, and the same for the same', () => {
    const ids = [
      {},
      { seed: 6 },
      { teams: options.teams + 1 },
      { channels: options.channels + 1 },
      { messages: options.messages + 1 },
      { users: options.users + 1 },
    ].map((other) => generateTenant({ ...options, ...other }).id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(generateTenant({ ...options, nowMs: options.nowMs + 1 }).id).toBe(ids[0]);
  });
});
