import type { TeamsPayload } from '../cards/index.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { ReceivedGroup } from '../messages/received.ts';
import type { Message, Notification } from '../messages/types.ts';
import { createRoutingHolder } from '../router/config/routing-holder.ts';
import type { Explanation } from '../router/explain/explain.ts';
import { senderGroupKey } from '../router/groups/group-key.ts';
import type { Predicate } from '../router/match/predicates.ts';
import { Silences } from '../router/mute/silences.ts';
import { Router } from '../router/router.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { tenantsOf } from './destinations.ts';
import { type IngressName, ingresses, ingressOf } from './ingress/ingresses.ts';
import { Renderer } from './render/render.ts';

/** What would become of the notifications of one body. */
export interface RoutingPreview {
  readonly form: IngressName;
  readonly notifications: readonly { readonly notification: Notification; readonly explanation: Explanation }[];
  readonly messages: readonly {
    readonly receiver: string;
    readonly route: string;
    /** As they would go over the wire. */
    readonly bodies: readonly TeamsPayload[];
  }[];
}

export interface PreviewOptions {
  readonly loaded: LoadedConfig;
  readonly runtime: Runtime;
  readonly predicates?: ReadonlyMap<string, Predicate> | undefined;
  /** What the body is. Default: told from its fields. */
  readonly form?: IngressName;
}

/**
 * Says which routes would match, why, and what would be sent to whom, without sending, storing or waiting. Silences and
 * alerts of a running server are not known here.
 *
 * @throws SluiceError `body_invalid`; for its content as `Sender.accept`
 */
export async function previewRouting(body: Uint8Array, options: PreviewOptions): Promise<RoutingPreview> {
  const { loaded, runtime, predicates } = options;
  let nowMs = runtime.now();
  const clock: Runtime = { ...runtime, now: () => nowMs };
  const tenant = tenantsOf(loaded.config)[0]!;
  const form = options.form ?? ingressOf(body);
  const parsed = await ingresses[form](body, { tenant, now: nowMs });
  const routing = createRoutingHolder(loaded.routingText, { receivers: Object.keys(loaded.config.receivers) });
  const router = new Router({
    routing,
    silences: new Silences(clock),
    runtime: clock,
    predicates,
  });
  const renderer = new Renderer(() => loaded);
  const group = router.modeOf(form) === 'forward' ? parsed.group : undefined;
  const notifications = [];
  for (const notification of parsed.notifications) {
    if (notification.content) await renderer.check(notification.content, tenant);
    const explanation = await router.explain(notification);
    notifications.push({ notification, explanation: group ? inGroupsOf(group, explanation, tenant) : explanation });
  }
  const decisions = await router.decide(parsed.notifications);
  const sent = group
    ? (
        (await router.forward({ tenant, group, notifications: parsed.notifications, decisions }))?.forwardings ?? []
      ).flatMap(({ messages }) => messages.map((message) => ({ message, route: routeOf(message) })))
    : grouped();
  const messages = sent.map(async ({ message, route }) => ({
    receiver: message.receiver,
    route,
    bodies: (await renderer.render(message)).bodies,
  }));
  return { form, notifications, messages: await Promise.all(messages) };

  /** What the groups say once each has waited. */
  function grouped() {
    router.take(parsed.notifications, decisions, form);
    nowMs = Math.max(nowMs, ...router.state().groups.map(({ nextFlushAt }) => nextFlushAt));
    return router
      .due()
      .flatMap(({ messages, after }) => messages.map((message) => ({ message, route: after.routeId })));
  }
}

/** What is forwarded stays in the group that its sender made, one for each receiver. */
const inGroupsOf = (group: ReceivedGroup, explanation: Explanation, tenant: string): Explanation => ({
  ...explanation,
  assignments: explanation.assignments.flatMap((assignment) =>
    assignment.receivers.map((receiver) => ({
      ...assignment,
      receivers: [receiver],
      groupKey: senderGroupKey(group, { tenant, receiver }),
    })),
  ),
});

/** The route that chose the receiver for the first of its alerts. */
const routeOf = ({ notifications }: Message) => notifications[0]!.trail.at(-1)!;
