import type { TeamsPayload } from '../cards/index.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { Notification } from '../notifiers/types.ts';
import type { Explanation } from '../router/explain.ts';
import type { Predicate } from '../router/predicates.ts';
import { Router } from '../router/router.ts';
import { createRoutingHolder } from '../router/routing-holder.ts';
import { Silences } from '../router/silences.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { tenantsOf } from './destinations.ts';
import { type IngressName, ingresses, ingressOf } from './ingresses.ts';
import { Renderer } from './messages/render.ts';

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
  readonly predicates?: ReadonlyMap<string, Predicate>;
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
  const parsed = ingresses[form](body, { tenant, now: nowMs });
  const routing = createRoutingHolder(loaded.routingText, { receivers: Object.keys(loaded.config.receivers) });
  const router = new Router({
    routing,
    silences: new Silences(clock),
    runtime: clock,
    ...(predicates && { predicates }),
  });
  const renderer = new Renderer(() => loaded);
  const notifications = [];
  for (const notification of parsed) {
    if (notification.content) await renderer.check(notification.content, tenant);
    notifications.push({ notification, explanation: await router.explain(notification) });
    await router.receive(notification);
  }
  nowMs = Math.max(nowMs, ...router.state().groups.map(({ nextFlushAt }) => nextFlushAt));
  const flushes = router.due();
  const messages = flushes.flatMap(({ messages, after }) =>
    messages.map(async (message) => ({
      receiver: message.receiver,
      route: after.routeId,
      bodies: (await renderer.render(message)).bodies,
    })),
  );
  return { form, notifications, messages: await Promise.all(messages) };
}
