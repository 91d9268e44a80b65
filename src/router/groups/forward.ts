import type { ReceivedGroup } from '../../messages/received.ts';
import type { Message, Notification } from '../../messages/types.ts';
import type { Route } from '../config/route.ts';
import type { Decision } from '../match/decide.ts';
import { digest } from '../notification.ts';
import { senderGroupKey } from './group-key.ts';
import { inSlices } from './slices.ts';

/** Messages that belong together: with `stopOnError` one is sent only when the one before has arrived. */
export interface Forwarding {
  readonly messages: readonly Message[];
  readonly stopOnError: boolean;
}

/** An alert that one route does not send now, and why: a silence, or a time interval. */
export interface Muted {
  readonly fingerprint: string;
  readonly route: string;
  readonly reason: string;
}

/** What one body says to whom, and what its operator has muted. */
export interface ForwardedBody {
  readonly forwardings: readonly Forwarding[];
  readonly muted: readonly Muted[];
}

interface ForwardInput {
  readonly tenant: string;
  readonly group: ReceivedGroup;
  readonly notifications: readonly Notification[];
  /** Where each of them goes. */
  readonly decisions: readonly Decision[];
  /** Why the operator wants nothing of it now: a silence or a time interval. */
  readonly muting: (route: Route, notification: Notification) => string | undefined;
  readonly now: number;
}

/**
 * The messages of a body whose sender groups by itself: one for each receiver that the routes choose for any of its
 * alerts, with the alerts chosen for it, in the order of the body. Nothing is waited for, repeated, or said to be over.
 */
export async function forwardBody(input: ForwardInput): Promise<ForwardedBody> {
  const { notifications, decisions, muting } = input;
  const muted: Muted[] = [];
  const parcels = new Map<string, Parcel>();
  let index = -1;
  for await (const notification of inSlices(notifications)) {
    index += 1;
    for (const { route, receivers } of decisions[index]!.assignments) {
      const reason = muting(route, notification);
      if (reason !== undefined) {
        muted.push({ fingerprint: notification.fingerprint, route: route.id, reason });
        continue;
      }
      const chain = route.stopOnError && receivers.length > 1 ? route.id : undefined;
      const passed = { ...notification, trail: [...notification.trail, route.id] };
      for (const receiver of receivers) {
        const key = JSON.stringify([chain ?? null, receiver]);
        const parcel = parcels.get(key) ?? { receiver, chain, fallback: route.fallbackReceiver, alerts: [] };
        parcels.set(key, parcel);
        parcel.alerts.push(passed);
      }
    }
  }
  const found = [...parcels.values()];
  const chains = [...new Set(found.map(({ chain }) => chain))];
  const forwardings = chains.map((chain) => ({
    messages: found.filter((parcel) => parcel.chain === chain).map((parcel) => messageOf(input, parcel)),
    stopOnError: chain !== undefined,
  }));
  return { forwardings, muted };
}

/** What goes to one receiver. The first route that chose it says who gets it instead. */
interface Parcel {
  readonly receiver: string;
  readonly chain: string | undefined;
  readonly fallback: string | undefined;
  readonly alerts: Notification[];
}

function messageOf(
  { tenant, group, now }: ForwardInput,
  { receiver, fallback, alerts: notifications }: Parcel,
): Message {
  const { groupLabels, bodyDigest, ...senderGroup } = group;
  const toAll = senderGroupKey(group, { tenant, receiver: '' });
  const groupKey = senderGroupKey(group, { tenant, receiver });
  return {
    id: digest([groupKey, bodyDigest, now]),
    tenant,
    receiver,
    groupKey,
    groupLabels,
    status: notifications.some(({ status }) => status === 'firing') ? 'firing' : 'resolved',
    notifications,
    senderGroup,
    fallback: fallback === undefined ? undefined : { receiver: fallback, key: digest([toAll, bodyDigest, now]) },
  };
}
