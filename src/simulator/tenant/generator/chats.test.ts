import { describe, expect, it } from 'vitest';
import { generateTenant } from '../generator.ts';

const NOW_MS = Date.parse('2026-03-01T12:00:00Z');
const size = { teams: 2, channels: 2, messages: 20, users: 12, seed: 7, nowMs: NOW_MS };
const withChats = (chats: number) => generateTenant({ ...size, chats });

/** What is besides the chats; links name the tenant. */
const channelsOf = (tenant: ReturnType<typeof generateTenant>) => ({
  people: tenant.users().map(({ isLicensed: _, ...user }) => user),
  teams: tenant.teams().map(({ webUrl: _, ...team }) => [team, tenant.channels(team.id), tenant.teamMembers(team.id)]),
  next: tenant.random(),
});

describe('a tenant with chats', () => {
  const tenant = withChats(12);
  const { chats } = tenant;
  const messages = chats.all().flatMap(({ id }) => chats.messages(id));

  it('has as many as asked, with as many messages as asked', () => {
    expect(chats.all()).toHaveLength(12);
    expect(messages).toHaveLength(12 * size.messages);
    expect(withChats(0).chats.all()).toEqual([]);
  });

  it('is besides the tenant that the seed gives without', () => {
    expect(channelsOf(withChats(12))).toEqual(channelsOf(withChats(0)));
    expect(withChats(12).id).not.toBe(withChats(0).id);
  });

  it('is the same for the same seed and size', () => {
    const shown = (one: typeof tenant) =>
      one.chats.all().map((chat) => [chat, one.chats.members(chat.id), one.chats.messages(chat.id)]);
    expect(shown(withChats(12))).toEqual(shown(tenant));
  });

  it('has every kind: two people, groups, meetings, more than 25 members', () => {
    expect(new Set(chats.all().map(({ chatType }) => chatType))).toEqual(new Set(['oneOnOne', 'group', 'meeting']));
    for (const { id, chatType, meeting, topic } of chats.all()) {
      const members = chats.members(id);
      expect(meeting !== null).toBe(chatType === 'meeting');
      if (chatType === 'oneOnOne') expect([members.length, topic]).toEqual([2, null]);
    }
    const large = generateTenant({ ...size, users: 40, chats: 1 });
    expect(large.chats.members(large.chats.all()[0]!.id).length).toBeGreaterThan(25);
  });

  it('shares each chat among those who are in it, and holds people of another tenant and one without a licence', () => {
    for (const { id } of chats.all()) {
      for (const { user } of chats.members(id)) expect(chats.of(user.id).map((chat) => chat.id)).toContain(id);
    }
    const people = new Set(chats.all().flatMap(({ id }) => chats.members(id).map(({ user }) => user)));
    expect([...people].some(({ homeTenantId }) => homeTenantId !== undefined)).toBe(true);
    expect(tenant.users().filter(({ isLicensed }) => isLicensed === false)).toHaveLength(1);
  });

  it('repeats ids across chats, never in one, and no message is older than its chat or in the future', () => {
    const ids = chats.all().map(({ id }) => chats.messages(id).map((message) => message.id));
    for (const own of ids) expect(new Set(own).size).toBe(own.length);
    expect(new Set(ids.flat()).size).toBeLessThan(ids.flat().length);
    for (const { chat, createdMs, modifiedMs } of messages) {
      expect(createdMs).toBeGreaterThan(chat.createdMs);
      expect(modifiedMs).toBeLessThanOrEqual(NOW_MS);
    }
  });

  it('has messages with all that happens to messages', () => {
    const many = generateTenant({ ...size, messages: 200, chats: 12 });
    const all = many.chats.all().flatMap(({ id }) => many.chats.messages(id));
    const kinds = {
      edited: all.some(({ editedMs }) => editedMs !== null),
      deleted: all.some(({ deletedMs }) => deletedMs !== null),
      reactions: all.some(({ reactions }) => reactions.length > 0),
      mentions: all.some(({ mentions }) => mentions.length > 0),
      attachments: all.some(({ attachments }) => attachments.length > 0),
      events: all.some(({ eventDetail }) => eventDetail !== null),
      apps: all.some(({ from }) => from !== null && 'type' in from),
    };
    expect(Object.values(kinds)).not.toContain(false);
  });

  it('renders a message with its chat and without a channel, a link or a root', () => {
    for (const message of messages) {
      const json = JSON.parse(Buffer.from(tenant.graphJson(message)).toString('utf8'));
      expect(json).toMatchObject({ chatId: message.chat.id, channelIdentity: null, webUrl: null, replyToId: null });
    }
  });
});
