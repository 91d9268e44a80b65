import { describe, expect, it } from 'vitest';
import { ALERTS_BEGIN_MS, alert } from '../../test/support/routing.ts';
import { VirtualClock } from '../../test/support/virtual-clock.ts';
import type { Notification } from '../messages/types.ts';
import { parseAlertmanagerWebhook } from '../sending/ingress/alert-webhooks.ts';
import { createRoutingHolder } from './config/routing-holder.ts';
import { Silences } from './mute/silences.ts';
import { Router, type RouterState } from './router.ts';

const MINUTE = 60_000;

const yaml = `
routing:
  resolve_timeout: 48h
  route:
    id: root
    receivers: [ops]
    group_by: [team]
    routes:
      - { id: pair, matchers: ['tag="pair"'], receivers: [ops, db], stop_on_error: true }
      - { id: alone, matchers: ['tag="alone"'], group_by: ['...'], group_wait: 0s }
      - { id: night, matchers: ['tag="night"'], group_wait: 0s, mute_time_intervals: [morning] }
      - { id: day, matchers: ['tag="day"'], group_wait: 0s, active_time_intervals: [morning] }
  inhibit_rules:
    - { name: outage, source_matchers: ['severity="critical"'], target_matchers: ['severity="warning"'], equal: [team] }
  time_intervals:
    - { name: morning, time_intervals: [{ times: [{ start_time: '12:00', end_time: '12:10' }] }] }
`;

describe('a fallback receiver', () => {
  it('is inherited as receivers are, of all messages of a flush the same, and none where it is a receiver', async () => {
    const { router, runtime, send } = setUp(
      undefined,
      `
routing:
  route:
    receivers: [ops, db]
    fallback_receiver: mail
    group_by: ['...']
    group_wait: 0s
    routes:
      - { matchers: ['tag="own"'], fallback_receiver: phone }
      - { matchers: ['tag="mail"'], receivers: [mail, ops] }
`,
    );
    const fallbacks = async (changes: Partial<Notification>) => {
      await send(changes);
      runtime.advance(1);
      const [flush] = router.due();
      router.settle(flush!);
      return flush!.messages.map(({ fallback }) => fallback);
    };
    const inherited = await fallbacks({ fingerprint: 'a' });
    expect(inherited).toEqual([{ receiver: 'mail', key: expect.any(String) }, inherited[0]]);
    expect(await fallbacks({ fingerprint: 'b', tags: ['own'] })).toMatchObject([
      { receiver: 'phone' },
      { receiver: 'phone' },
    ]);
    expect(await fallbacks({ fingerprint: 'c', tags: ['mail'] })).toEqual([undefined, undefined]);
  });
});

function setUp(state?: RouterState, text = yaml) {
  const runtime = new VirtualClock({ startMs: ALERTS_BEGIN_MS });
  const silences = new Silences(runtime);
  const routing = createRoutingHolder(text);
  const router = new Router({ routing, silences, runtime, ...(state && { state }) });
  const send = async (changes: Partial<Notification>) => router.receive(alert({ startsAt: runtime.now(), ...changes }));
  /** Everything said until then, as `receiver: fingerprints`. */
  const said = (forMs: number) => {
    const lines: string[] = [];
    for (const end = runtime.now() + forMs; ; ) {
      for (const flush of router.due()) {
        for (const { receiver, status, notifications } of flush.messages) {
          lines.push(
            `${receiver} ${status}: ${notifications.map((one) => `${one.fingerprint} ${one.status}`).join(', ')}`,
          );
        }
        router.settle(flush);
      }
      const next = router.nextAt() ?? Number.POSITIVE_INFINITY;
      runtime.advance(Math.max(0, Math.min(next, end) - runtime.now()));
      if (next > end) return lines;
    }
  };
  return { runtime, silences, routing, router, send, said };
}

describe('router', () => {
  it('groups what belongs together and waits before the first message', async () => {
    const { router, runtime, send, said } = setUp();
    await send({ fingerprint: 'a', labels: { team: 'db' } });
    await send({ fingerprint: 'b', labels: { team: 'db' } });
    await send({ fingerprint: 'c', labels: { team: 'web' } });
    expect(router.nextAt()).toBe(runtime.now() + 30_000);
    expect(said(29_999)).toEqual([]);
    expect(said(1)).toEqual(['ops firing: a firing, b firing', 'ops firing: c firing']);
  });

  it('says nothing of an alert that resolves while the group waits', async () => {
    const { router, send, said } = setUp();
    await send({ fingerprint: 'a' });
    await send({ fingerprint: 'a', status: 'resolved' });
    expect(said(5 * MINUTE)).toEqual([]);
    expect(router.state().groups).toEqual([]);
  });

  it('does not wait for critical alerts, nor for one that has long been firing', async () => {
    const { runtime, send, said } = setUp();
    await send({ fingerprint: 'a', severity: 'critical' });
    await send({ fingerprint: 'b', labels: { team: 'web' }, startsAt: runtime.now() - MINUTE });
    expect(said(0)).toEqual(['ops firing: a firing', 'ops firing: b firing']);
  });

  it('repeats an unchanged group at the repeat interval only, and says when it is over', async () => {
    const { send, said } = setUp();
    await send({ fingerprint: 'a', severity: 'critical' });
    expect(said(4 * 60 * MINUTE - 1)).toEqual(['ops firing: a firing']);
    await send({ fingerprint: 'a', severity: 'critical', annotations: { value: '97' } });
    expect(said(1)).toEqual(['ops firing: a firing']);
    await send({ fingerprint: 'a', status: 'resolved' });
    expect(said(5 * MINUTE)).toEqual(['ops resolved: a resolved']);
    expect(said(24 * 60 * MINUTE)).toEqual([]);
  });

  it('treats an alert as resolved when its end has passed', async () => {
    const { runtime, send, said } = setUp();
    await send({ fingerprint: 'a', severity: 'critical', endsAt: runtime.now() + MINUTE });
    expect(said(5 * MINUTE)).toEqual(['ops firing: a firing', 'ops resolved: a resolved']);
  });

  describe('an alert that nobody ever resolves', () => {
    const byDefault = yaml.replace('  resolve_timeout: 48h\n', '');

    it('is over when it has not come again for the resolve timeout, and is kept nowhere', async () => {
      const { router, send, said } = setUp(undefined, byDefault);
      const alerts = ['a', 'b'].map((fingerprint) => ({ fingerprint, severity: 'critical' }));
      for (const one of alerts) await send(one);
      expect(said(4 * MINUTE)).toEqual(['ops firing: a firing, b firing']);
      await send(alerts[0]!);
      expect(said(4 * MINUTE)).toEqual(['ops firing: a firing, b resolved']);
      await send({ ...alerts[0]!, severity: 'warning' });
      expect(said(7 * MINUTE)).toEqual(['ops resolved: a resolved']);
      expect(router.state()).toEqual({ groups: [], sources: [] });
    });

    it('fires on while it comes again, and after a restart for no longer', async () => {
      const { router, send, said } = setUp(undefined, byDefault);
      for (let minutes = 0; minutes < 60; minutes += 4) {
        await send({ fingerprint: 'a', severity: 'critical' });
        expect(said(4 * MINUTE)).toEqual(minutes === 0 ? ['ops firing: a firing'] : []);
      }
      const restarted = setUp(JSON.parse(JSON.stringify(router.state())), byDefault);
      restarted.runtime.advance(60 * MINUTE);
      expect(restarted.said(5 * MINUTE)).toEqual(['ops resolved: a resolved']);
      expect(restarted.router.state()).toEqual({ groups: [], sources: [] });
    });

    it('is left to a sender that says itself when it is over: nothing is said twice', async () => {
      const { router, runtime, said } = setUp(undefined, byDefault);
      const body = (status: string) => ({
        version: '4',
        alerts: [{ status, labels: { alertname: 'x' }, startsAt: '2026-01-01T00:00:00Z', fingerprint: 'a' }],
      });
      const post = async (status: string) => {
        const context = { tenant: 'contoso', now: runtime.now() };
        const { notifications } = await parseAlertmanagerWebhook(JSON.stringify(body(status)), context);
        for (const one of notifications) await router.receive(one, 'alertmanager');
      };
      await post('firing');
      expect(said(3 * 60 * MINUTE)).toEqual(['ops firing: a firing']);
      await post('resolved');
      expect(said(5 * MINUTE)).toEqual(['ops resolved: a resolved']);
      await post('firing');
      expect(said(122 * 60 * MINUTE).at(-1), 'an Alertmanager that is gone').toBe('ops resolved: a resolved');
      expect(router.state().groups).toEqual([]);
      await post('resolved');
      expect(said(5 * MINUTE)).toEqual([]);
    });
  });

  it('says an event once', async () => {
    const { router, send, said } = setUp();
    await send({ fingerprint: 'e', status: 'event', tags: ['alone'] });
    await send({ fingerprint: 'f', status: 'event', tags: ['alone'] });
    expect(said(24 * 60 * MINUTE)).toEqual(['ops event: e event', 'ops event: f event']);
    expect(router.state().groups).toEqual([]);
  });

  it('gives each destination its own message, and the route passed in the trail', async () => {
    const { router, send } = setUp();
    await send({ fingerprint: 'a', tags: ['pair'], severity: 'critical', trail: ['earlier'] });
    const [flush] = router.due();
    expect(flush).toMatchObject({ stopOnError: true, messages: [{ receiver: 'ops' }, { receiver: 'db' }] });
    expect(new Set(flush!.messages.map(({ id }) => id)).size).toBe(2);
    expect(flush!.messages[0]!.notifications[0]!.trail).toEqual(['earlier', 'pair']);
  });

  it('leaves out what is silenced and says so; it is said when the silence ends', async () => {
    const { runtime, silences, router, send, said } = setUp();
    const { id } = silences.create({
      tenant: 'contoso',
      matchers: ['team="db"'],
      endsAt: runtime.now() + 7 * MINUTE,
      createdBy: 'ada',
      comment: '',
    });
    await send({ fingerprint: 'a', severity: 'critical', labels: { team: 'db' } });
    expect(router.due()).toMatchObject([{ messages: [], muted: [{ fingerprint: 'a', reason: `silence ${id}` }] }]);
    expect(said(7 * MINUTE)).toEqual([]);
    expect(said(3 * MINUTE)).toEqual(['ops firing: a firing']);
  });

  it('leaves out what is inhibited while its source fires', async () => {
    const { router, send, said } = setUp();
    await send({ fingerprint: 'source', severity: 'critical', labels: { team: 'db' }, tags: ['alone'] });
    await send({ fingerprint: 'target', severity: 'warning', labels: { team: 'db' }, tags: ['alone'] });
    expect(router.due().flatMap(({ muted }) => muted)).toEqual([
      { fingerprint: 'target', reason: 'outage while source fires' },
    ]);
    expect(said(MINUTE)).toEqual(['ops firing: source firing']);
    await send({
      fingerprint: 'source',
      severity: 'critical',
      labels: { team: 'db' },
      tags: ['alone'],
      status: 'resolved',
    });
    expect(said(5 * MINUTE)).toEqual(['ops resolved: source resolved', 'ops firing: target firing']);
  });

  it('mutes a route in its mute intervals and outside its active ones', async () => {
    const { send, said } = setUp(); // it is 12:00, the morning of the intervals lasts until 12:10
    await send({ fingerprint: 'n', tags: ['night'] });
    await send({ fingerprint: 'd', tags: ['day'] });
    expect(said(9 * MINUTE)).toEqual(['ops firing: d firing']);
    await send({ fingerprint: 'd2', tags: ['day'] });
    expect(said(3 * MINUTE)).toEqual(['ops firing: n firing']);
  });

  it('neither repeats nor forgets across a restart', async () => {
    const first = setUp();
    await first.send({ fingerprint: 'source', severity: 'critical', labels: { team: 'db' } });
    expect(first.said(MINUTE)).toEqual(['ops firing: source firing']);
    await first.send({ fingerprint: 'new', severity: 'critical', labels: { team: 'db' } });
    const second = setUp(JSON.parse(JSON.stringify(first.router.state())));
    expect(second.said(5 * MINUTE)).toEqual(['ops firing: source firing, new firing']);
    await second.send({ fingerprint: 'target', severity: 'warning', labels: { team: 'db' }, tags: ['alone'] });
    expect(second.said(MINUTE)).toEqual([]);
  });

  it('keeps what arrives between due and settle', async () => {
    const { router, send, said } = setUp();
    await send({ fingerprint: 'a', severity: 'critical' });
    const [flush] = router.due();
    await send({ fingerprint: 'a', severity: 'critical', status: 'resolved' });
    router.settle(flush!);
    expect(said(5 * MINUTE)).toEqual(['ops resolved: a resolved']);
  });

  it('keeps tenants apart', async () => {
    const { router, send } = setUp();
    await send({ fingerprint: 'a', severity: 'critical' });
    await send({ fingerprint: 'a', severity: 'critical', tenant: 'fabrikam' });
    expect(router.due().map(({ messages }) => messages[0]!.tenant)).toEqual(['contoso', 'fabrikam']);
  });

  it('sends the groups it holds when a reload removes their route', async () => {
    const { routing, send, said } = setUp();
    await send({ fingerprint: 'a', tags: ['pair'] });
    expect(routing.reload('routing: { route: { receivers: [ops] } }').ok).toBe(true);
    expect(said(MINUTE)).toEqual(['ops firing: a firing', 'db firing: a firing']);
  });
});
