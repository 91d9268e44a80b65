import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Notification } from '../../src/messages/types.ts';
import type { Assignment } from '../../src/router/config/route.ts';
import { Grouper } from '../../src/router/groups/grouper.ts';
import { alert, routingOf } from '../support/routing.ts';

const SECOND = 1_000;
const START = Date.UTC(2026, 0, 5, 12);
const WAIT = 3;
const INTERVAL = 5;
const REPEAT = 10;

const { root } = routingOf(`
routing:
  route: { id: root, receivers: [ops], group_by: [team], group_wait: ${WAIT}s, group_interval: ${INTERVAL}s, repeat_interval: ${REPEAT}s }
`);
const assignment: Assignment = { route: root, receivers: root.receivers };

interface Arrival {
  second: number;
  team: string;
  name: string;
  status: 'firing' | 'resolved';
}

/** What a group said: second, team, firing and resolved names. */
type Said = [second: number, team: string, firing: string[], resolved: string[]];

const toNotification = ({ second, team, name, status }: Arrival): Notification =>
  alert({ status, fingerprint: `${team}/${name}`, labels: { team, name }, startsAt: START + second * SECOND });

/** The rules of the documentation, one second after the other, with nothing clever. */
function model(arrivals: readonly Arrival[], seconds: number): Said[] {
  const said: Said[] = [];
  for (const team of ['a', 'b']) {
    let alerts: Record<string, string> = {};
    let toldFiring: string[] = [];
    let toldResolved: string[] = [];
    let toldAt: number | undefined;
    let next: number | undefined;
    for (let second = 0; second <= seconds; second++) {
      for (const arrival of arrivals.filter((one) => one.second === second && one.team === team)) {
        alerts[arrival.name] = arrival.status;
        next ??= second + WAIT;
      }
      if (next !== second) continue;
      const names = Object.keys(alerts).sort();
      const firing = names.filter((name) => alerts[name] === 'firing');
      const resolved = names.filter((name) => alerts[name] === 'resolved');
      const newFiring = firing.some((name) => !toldFiring.includes(name));
      const newResolved =
        toldAt !== undefined && resolved.some((name) => !toldResolved.includes(name)) && firing.length > 0;
      const allOver = firing.length === 0 && toldFiring.length > 0;
      const again = toldAt !== undefined && firing.length > 0 && second - toldAt >= REPEAT;
      if (newFiring || newResolved || allOver || again) {
        said.push([second, team, firing, resolved]);
        toldAt = second;
        toldFiring = firing;
        toldResolved = resolved;
      }
      alerts = Object.fromEntries(firing.map((name) => [name, 'firing']));
      next = second + INTERVAL;
      if (firing.length === 0) {
        next = undefined;
        toldAt = undefined;
        toldFiring = [];
        toldResolved = [];
      }
    }
  }
  return said.sort((a, b) => a[0] - b[0] || a[1].localeCompare(b[1]));
}

/** The real grouper, woken only when it asks to be, restarted from JSON at the given seconds. */
function real(arrivals: readonly Arrival[], seconds: number, restarts: readonly number[]): Said[] {
  let grouper = new Grouper();
  const said: Said[] = [];
  const ids = new Set<string>();
  for (let second = 0; second <= seconds; second++) {
    const now = START + second * SECOND;
    for (const arrival of arrivals.filter((one) => one.second === second)) {
      grouper.insert(assignment, toNotification(arrival), now);
    }
    if (restarts.includes(second)) {
      const lost = grouper.due(now, () => undefined); // the crash comes before settle
      grouper = new Grouper(JSON.parse(JSON.stringify(grouper.groups())));
      const again = grouper.due(now, () => undefined);
      expect(again.map(({ messages }) => messages)).toEqual(lost.map(({ messages }) => messages));
    }
    if ((grouper.nextAt() ?? Number.POSITIVE_INFINITY) > now) continue;
    for (const flush of grouper.due(now, () => undefined)) {
      for (const message of flush.messages) {
        expect(ids.has(message.id)).toBe(false);
        ids.add(message.id);
        const named = (status: string) =>
          message.notifications
            .filter((one) => one.status === status)
            .map(({ labels }) => labels['name']!)
            .sort();
        said.push([second, message.groupLabels['team']!, named('firing'), named('resolved')]);
      }
      grouper.settle(flush);
    }
  }
  return said.sort((a, b) => a[0] - b[0] || a[1].localeCompare(b[1]));
}

it('says what the plain rules say, also across restarts at any second', () => {
  const arrival: fc.Arbitrary<Arrival> = fc.record({
    second: fc.nat(50),
    team: fc.constantFrom('a', 'b'),
    name: fc.constantFrom('x', 'y', 'z'),
    status: fc.constantFrom('firing', 'firing', 'resolved'),
  });
  let messages = 0;
  fc.assert(
    fc.property(fc.array(arrival, { maxLength: 25 }), fc.array(fc.nat(70), { maxLength: 6 }), (arrivals, restarts) => {
      const said = real(arrivals, 70, restarts);
      messages += said.length;
      expect(said).toEqual(model(arrivals, 70));
    }),
    { numRuns: 500 },
  );
  expect(messages).toBeGreaterThan(500);
});
