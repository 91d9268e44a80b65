import { describe, expect, it } from 'vitest';
import { generateTenant } from './generator.ts';
import { MessageRenderer } from './graph-json.ts';
import { isSystemEvent, newMessage } from './message.ts';
import type { TwinMessage } from './types.ts';

const tenant = generateTenant({
  teams: 2,
  channels: 3,
  messages: 150,
  users: 40,
  seed: 3,
  nowMs: Date.UTC(2026, 5, 1),
});
const messages = tenant.teams().flatMap(({ id }) => tenant.teamMessages(id));
const json = (message: TwinMessage, options = {}) =>
  JSON.parse(Buffer.from(tenant.graphJson(message, options)).toString()) as Record<string, unknown>;

/** The properties of chatMessage in v1.0 (CSDL), navigation left out. */
const PROPERTIES =
  'attachments body channelIdentity chatId createdDateTime deletedDateTime etag eventDetail from id importance ' +
  'lastEditedDateTime lastModifiedDateTime locale mentions messageHistory messageType policyViolation reactions ' +
  'replyToId subject summary webUrl';

describe('graphJson', () => {
  it('has exactly the properties of a chatMessage, for every message', () => {
    for (const message of messages) expect(Object.keys(json(message)).sort().join(' ')).toBe(PROPERTIES);
  });

  it('renders an untouched reply', () => {
    const message = messages.find(({ root, modifiedMs, createdMs }) => root && modifiedMs === createdMs)!;
    const { channel, root, id } = message;
    expect(json(message)).toMatchObject({
      id,
      replyToId: root!.id,
      etag: id,
      messageType: 'message',
      lastEditedDateTime: null,
      deletedDateTime: null,
      locale: 'en-us',
      body: { contentType: message.contentType, content: message.content },
      channelIdentity: { teamId: channel.teamId, channelId: channel.id },
      messageHistory: [],
    });
    expect(new Date(json(message)['createdDateTime'] as string).getTime()).toBe(message.createdMs);
    expect(json(message)['webUrl']).toContain(`parentMessageId=${root!.id}`);
  });

  it('has the modification time as etag once a message was touched', () => {
    const touched = messages.filter(({ modifiedMs, createdMs }) => modifiedMs !== createdMs);
    expect(touched.length).toBeGreaterThan(20);
    for (const message of touched) {
      const { etag, lastModifiedDateTime } = json(message);
      expect(etag).toBe(String(Date.parse(lastModifiedDateTime as string)));
    }
  });

  it('names reactors by id only', () => {
    const message = messages.find(({ reactions }) => reactions.length > 0)!;
    const [reaction] = json(message)['reactions'] as [Record<string, unknown>];
    const user = { id: message.reactions[0]!.user.id, displayName: null, userIdentityType: 'aadUser' };
    expect(reaction).toMatchObject({ reactionType: message.reactions[0]!.reactionType, user: { user } });
    expect((json(message)['messageHistory'] as unknown[]).length).toBeGreaterThan(0);
  });

  it('marks system events, and hides the mark from a client that does not know the value', () => {
    const message = messages.find(isSystemEvent)!;
    expect(json(message)).toMatchObject({ messageType: 'systemEventMessage', from: null });
    expect(json(message)['eventDetail']).toHaveProperty('initiator');
    expect(json(message, { masked: true })).toEqual({ ...json(message), messageType: 'unknownFutureValue' });
    const human = messages.find((other) => !isSystemEvent(other))!;
    expect(json(human, { masked: true })).toEqual(json(human));
  });

  it('adds inline replies and the link to more', () => {
    const root = messages.find((message) => tenant.replies(message).length > 1)!;
    const replies = tenant.replies(root);
    const expanded = json(root, { replies: { messages: replies, nextLink: 'https://x/"next"' } });
    expect(expanded).toEqual({
      ...json(root),
      replies: replies.map((reply) => json(reply)),
      'replies@odata.nextLink': 'https://x/"next"',
    });
    expect(json(root, { replies: { messages: [] } })['replies']).toEqual([]);
  });

  it('renders the same whether or not the cache has room', () => {
    const tight = new MessageRenderer({ tenantId: tenant.id, cacheBytes: 0 });
    for (const message of messages.slice(0, 50)) {
      expect(Buffer.from(tight.render(message))).toEqual(Buffer.from(tenant.graphJson(message)));
      expect(tight.render(message)).toEqual(tight.render(message));
    }
  });

  it('renders a long text of wide characters', () => {
    const channel = tenant.channels(tenant.teams()[0]!.id)[0]!;
    const content = '渡🎉"\\\n'.repeat(500_000);
    expect(json(newMessage({ channel, createdMs: 1, content }))['body']).toEqual({ contentType: 'html', content });
  });
});
