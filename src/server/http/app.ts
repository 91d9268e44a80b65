import { type Context, Hono } from 'hono';
import { matchedRoutes } from 'hono/route';
import type { ConfigHolder } from '../../config/holder.ts';
import type { Received } from '../../messages/received.ts';
import type { Muted } from '../../router/groups/forward.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { type IngressName, ingresses } from '../../sending/ingress/ingresses.ts';
import type { Sender } from '../../sending/sender.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import { withinTrace } from '../../telemetry/trace-context.ts';
import { httpErrors } from '../errors.ts';
import { ofTenant } from '../metrics.ts';
import { answerOf } from './answers.ts';
import { tenantOfRequest } from './api-keys.ts';
import type { AppEnv } from './app-env.ts';
import { addOutboxRoutes } from './outbox-routes.ts';
import { readBody } from './read-body.ts';
import { addSilenceRoutes } from './silence-routes.ts';

export interface AppOptions {
  readonly sender: Sender;
  readonly config: ConfigHolder;
  readonly runtime: Runtime;
  readonly telemetry: Telemetry;
  /** Prometheus text. */
  readonly renderMetrics: () => Promise<string>;
  /** The endpoint of the bot, when there is one: it decides itself whom it lets in. */
  readonly bot?: ((request: Request) => Promise<Response>) | undefined;
  /** True from the moment that the process is told to stop. */
  readonly draining: () => boolean;
  /** Code of the error that ended its work, if one did. */
  readonly stopped: () => string | undefined;
}

/** Where each form is posted to. */
const ingressPaths: Readonly<Record<IngressName, string>> = {
  notification: '/v1/notifications',
  alertmanager: '/v1/alerts/alertmanager',
  grafana: '/v1/alerts/grafana',
};

const routes = [
  ...Object.values(ingressPaths).map((path) => `POST ${path}`),
  'GET /v1/outbox',
  'GET /v1/outbox/{id}',
  'GET /v1/silences',
  'POST /v1/silences',
  'DELETE /v1/silences/{id}',
  'GET /healthz',
  'GET /readyz',
  'GET /metrics',
];

/** The HTTP surface: a function from request to answer, with no port of its own. */
export function createApp(options: AppOptions): Hono<AppEnv> {
  const { config, telemetry } = options;
  const app = new Hono<AppEnv>();
  app.use(async (c, next) => {
    const headers = { traceparent: c.req.header('traceparent'), tracestate: c.req.header('tracestate') };
    await withinTrace(headers, next);
    telemetry.count('sluice.server.requests', 1, { route: routeOf(c), status: String(c.res.status) });
  });
  app.onError((error, c) => {
    const { status, body } = answerOf(error);
    const route = routeOf(c);
    if (status === 500) telemetry.log('server.failed', { route, name: error.name });
    else telemetry.log(refusalEvent(route), { route, status, code: String(body.error['code']) });
    return c.json(body, status);
  });
  app.notFound((c) => {
    const { body } = answerOf(httpErrors.not_found({ routes }));
    return c.json(body, 404);
  });
  addHealth(app, options);
  addBot(app, options);
  app.use(async (c, next) => {
    const claims = {
      authorization: c.req.header('authorization'),
      apiKey: c.req.header('x-api-key'),
      host: c.req.header('host'),
    };
    c.set('tenant', tenantOfRequest(claims, config.current().config));
    await next();
  });
  app.get('/metrics', async (c) => {
    await options.sender.measure();
    const text = ofTenant(await options.renderMetrics(), options.sender.labelsOf(c.get('tenant')));
    return c.text(text, 200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
  });
  addIngress(app, options);
  addOutboxRoutes(app, options.sender);
  addSilenceRoutes(app, options.sender, () => config.current().config.server.max_body_bytes);
  return app;
}

/** Its sender takes a refused body as final, so somebody has to know. */
const refusalEvent = (route: string) =>
  Object.values(ingressPaths).some((path) => route === `POST ${path}`) ? 'ingress.refused' : 'server.refused';

/** The route's template, never the path that was asked for. */
function routeOf(c: Context): string {
  const path = matchedRoutes(c).findLast((route) => route.path !== '/*')?.path;
  return path === undefined ? 'unknown' : `${c.req.method} ${path}`;
}

function addHealth(app: Hono<AppEnv>, { sender, draining, stopped }: AppOptions): void {
  app.get('/healthz', (c) => c.json({ status: 'ok' }));
  app.get('/readyz', async (c) => {
    if (draining()) return c.json({ status: stopped() ?? 'draining' }, 503);
    try {
      await sender.outbox.check();
      const stalled = sender.health.stalled();
      if (stalled.length > 0) return c.json({ status: 'stalled', loops: stalled }, 503);
      return c.json({ status: 'ready' });
    } catch {
      return c.json({ status: 'outbox_unavailable' }, 503);
    }
  });
}

/** The path that bots have. https://learn.microsoft.com/azure/bot-service/bot-service-quickstart-create-bot */
const BOT_PATH = '/api/messages';

function addBot(app: Hono<AppEnv>, { bot, draining }: AppOptions): void {
  if (!bot) return;
  app.post(BOT_PATH, (c) => {
    if (draining()) throw httpErrors.draining();
    return bot(c.req.raw);
  });
}

function addIngress(app: Hono<AppEnv>, { sender, config, runtime, telemetry, draining }: AppOptions): void {
  for (const [form, path] of Object.entries(ingressPaths)) {
    const parse = ingresses[form as IngressName];
    app.post(path, async (c) => {
      if (draining()) throw httpErrors.draining();
      const body = await readBody(c.req.raw, config.current().config.server.max_body_bytes);
      const received = await parse(body, { tenant: c.get('tenant'), now: runtime.now() });
      const { notifications, oddities } = received;
      tellOddities(received, telemetry);
      const { decisions, retry, leftOut, muted } = await sender.acceptBody(received);
      const why = reasonsOf(muted);
      return c.json(
        {
          accepted: notifications.length,
          ...(retry && { retry }),
          ...(why.size > 0 && { muted: why.size }),
          ...(oddities.total > 0 && { odd: oddities.counts() }),
          ...(leftOut.length > 0 && { left_out: leftOut }),
          notifications: notifications.map(({ fingerprint }, index) => {
            const { matched, dropped } = decisions[index]!;
            return { fingerprint, routes: matched.map(({ id }) => id), dropped, muted: why.get(fingerprint) };
          }),
        },
        202,
      );
    });
  }
}

/** Why alerts are not sent now, by their fingerprints. */
function reasonsOf(muted: readonly Muted[]): Map<string, Omit<Muted, 'fingerprint'>[]> {
  const reasons = new Map<string, Omit<Muted, 'fingerprint'>[]>();
  for (const { fingerprint, ...why } of muted) {
    const known = reasons.get(fingerprint);
    if (known) known.push(why);
    else reasons.set(fingerprint, [why]);
  }
  return reasons;
}

/** What was odd is counted and logged with its path, never with its value. */
function tellOddities({ ingress, oddities }: Received, telemetry: Telemetry): void {
  for (const { field, action, count } of oddities.counts()) {
    telemetry.count('sluice.ingress.oddities', count, { ingress, field, action });
  }
  const { total, paths } = oddities;
  if (total > 0) telemetry.log('ingress.odd', { ingress, count: total, paths });
}
