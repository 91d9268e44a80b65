import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Envelope } from '../../src/bot/activities/envelope.ts';
import { openBotStore } from '../../src/bot/index.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

describe('what is known of conversations', () => {
  const APP = '28:11111111-1111-4111-8111-111111111111';
  const team = { team: { id: '19:general@thread.tacv2', name: 'Ops' } };
  const at = (second: number, more: Partial<Envelope> & Readonly<Record<string, unknown>>): Envelope => ({
    type: 'message',
    id: `m${second}`,
    channelId: 'msteams',
    serviceUrl: `https://smba.trafficmanager.net/${second % 2 ? 'emea' : 'amer'}/`,
    timestamp: new Date(1_800_000_000_000 + second * 1_000).toISOString(),
    from: { id: '29:ada', aadObjectId: 'ADA' },
    recipient: { id: APP },
    conversation: { id: '19:general@thread.tacv2', conversationType: 'channel', tenantId: 't' },
    channelData: team,
    ...more,
  });
  const alerts = { id: '19:alerts@thread.tacv2', name: 'alerts' };
  const inAlerts = { conversation: { id: `${alerts.id};messageid=1`, conversationType: 'channel', tenantId: 't' } };
  const personal = { conversation: { id: 'a:ada', conversationType: 'personal', tenantId: 't' }, channelData: {} };
  const life: Envelope[] = [
    at(1, { type: 'installationUpdate', action: 'add' }),
    at(2, { type: 'conversationUpdate', channelData: { ...team, eventType: 'channelCreated', channel: alerts } }),
    at(3, inAlerts),
    at(4, personal),
    at(5, { type: 'installationUpdate', action: 'remove', ...personal }),
    at(6, { type: 'installationUpdate', action: 'remove' }),
    at(7, { type: 'installationUpdate', action: 'add' }),
    at(8, { type: 'conversationUpdate', channelData: { ...team, eventType: 'channelDeleted', channel: alerts } }),
    at(9, personal),
    at(10, { type: 'conversationUpdate', membersRemoved: [{ id: APP }] }),
  ];

  async function knownAfter(order: readonly Envelope[]) {
    const store = await openBotStore({ url: 'sqlite::memory:', runtime: new VirtualClock() });
    for (const activity of order) await store.inbox.note(activity, { appId: 'app', tenantId: 't' });
    const known = await store.conversations.list('app');
    await store[Symbol.asyncDispose]();
    return known.map(({ conversationId, state, serviceUrl, userId, aadObjectId, type, teamId }) => ({
      ...{ conversationId, state, serviceUrl, userId, aadObjectId, type, teamId },
    }));
  }

  it('says where the bot can speak, as the last activity of each conversation says', async () => {
    expect((await knownAfter(life.slice(0, 4))).map(({ conversationId, state }) => [conversationId, state])).toEqual([
      ['19:alerts@thread.tacv2', 'active'],
      ['19:general@thread.tacv2', 'active'],
      ['a:ada', 'active'],
    ]);
    expect((await knownAfter(life.slice(0, 9)))[0]).toMatchObject({ state: 'gone' });
    expect(await knownAfter(life)).toMatchObject([
      { conversationId: '19:alerts@thread.tacv2', state: 'uninstalled' },
      { conversationId: '19:general@thread.tacv2', state: 'uninstalled' },
      { conversationId: 'a:ada', state: 'active', userId: '29:ada', aadObjectId: 'ada', type: 'personal' },
    ]);
  });

  it('is the same in whatever order and however often activities come', async () => {
    const whole = fc.shuffledSubarray([...life.keys()], { minLength: life.length, maxLength: life.length });
    const repeats = fc.array(fc.nat(life.length - 1), { maxLength: 5 });
    const end = (await knownAfter(life)).map(({ conversationId, state }) => [conversationId, state]);
    await fc.assert(
      fc.asyncProperty(whole, repeats, async (order, more) => {
        const known = await knownAfter([...order, ...more].map((index) => life[index]!));
        expect(known.map(({ conversationId, state }) => [conversationId, state])).toEqual(end);
      }),
      { numRuns: 40 },
    );
  });
});
