import { Hono } from 'hono';
import type { Runtime } from '../../runtime/runtime.ts';
import { answerError } from '../control/answer-error.ts';
import { parseInput } from '../control/parse-input.ts';
import { twinErrors } from '../errors.ts';
import type { TwinAnswer, TwinRequest } from '../protocol/exchange.ts';
import { fromFetch, toFetch } from '../protocol/fetch-exchange.ts';
import type { TwinService, TwinServiceKind } from '../service.ts';
import { drawTexts, type RenderCard, type RenderPage } from './channel.ts';
import { createWebhookControl, webhookControlIndex, webhookSchema } from './control.ts';
import { createWebhookService } from './service.ts';
import { createTwinWebhook, type LedgerEntry, type TwinWebhook, type TwinWebhookKind } from './webhook.ts';

export interface WebhookRoutesOptions {
  readonly runtime: Runtime;
  /** Draws a card for `GET /_twin/channel`. */
  readonly render: RenderCard;
  /** Draws the page of a channel. */
  readonly renderPage?: RenderPage | undefined;
  /** Ids of the Workflows webhooks there are from the start. Default `ops` and `builds`. */
  readonly ids?: readonly string[];
  /** The tenant's time. Default: the runtime's. */
  readonly clock?: { now(): number };
  /** Default `published`. */
  readonly limits?: 'published' | 'none';
}

/** The webhooks of a twin. */
export interface WebhookRoutes extends TwinService {
  /** Everything as one fetch-style app: the webhooks, and their control below `/_twin`. */
  readonly app: Hono;
  /** The webhooks alone, faults of the wire included; undefined for a path that is no webhook's. */
  handle(request: TwinRequest): Promise<TwinAnswer | undefined>;
  /** Adds a webhook and gives its URL. @throws SluiceError `twin_input_invalid` for a bad or taken id */
  add(webhook: { readonly id: string; readonly kind?: TwinWebhookKind }, base: string): string;
  /** URLs of the Workflows webhooks, once the twin is served at `base`. */
  urls(base: string): string[];
  /** What lets Sluice talk to this twin, and to nothing else that is not public. */
  env(base: string): Record<string, string>;
  /** Every request that reached a webhook, in order. */
  ledger(id: string): readonly LedgerEntry[];
}

/** Name of the setting that holds `host:port` of test twins. */
const TWIN_HOSTS_VARIABLE = 'TEAMS_WEBHOOK_TWIN_HOSTS';

/** Workflows webhooks and retired connectors behind their real forms, with a ledger of what came. */
export function webhookRoutes(options: WebhookRoutesOptions): WebhookRoutes {
  const { runtime, render, renderPage, ids = ['ops', 'builds'], limits = 'published' } = options;
  const clock = options.clock ?? runtime;
  const webhooks = new Map<string, TwinWebhook>();
  const add = ({ id, kind }: { readonly id: string; readonly kind: TwinWebhookKind }) => {
    if (webhooks.has(id)) throw twinErrors.webhook_taken({ id });
    const webhook = createTwinWebhook({ id, kind, runtime, limits });
    webhooks.set(id, webhook);
    return webhook;
  };
  for (const id of ids) add({ id, kind: 'workflow' });
  const handle = createWebhookService({ webhooks, runtime, now: () => clock.now() });
  const control = createWebhookControl({ webhooks, add, urlOf, render, renderPage });
  return {
    has: 'a webhook',
    app: createApp(handle, control, runtime),
    handle,
    control: { routes: control, index: webhookControlIndex },
    add: (webhook, base) => urlOf(add(parseInput(webhookSchema, webhook, 'webhook')), base),
    urls: (base) => [...webhooks.values()].filter(({ kind }) => kind === 'workflow').map((one) => urlOf(one, base)),
    env: (base) => ({ [TWIN_HOSTS_VARIABLE]: hostAndPort(new URL(base)) }),
    ledger: (id) => webhooks.get(id)?.ledger ?? [],
  };
}

/** What a twin says of its webhooks. */
export interface WebhookServiceOptions {
  /** Draws a card for `GET /_twin/channel`. Default: its texts, a line each. */
  readonly renderCard?: RenderCard | undefined;
  /** Draws the page of `GET /_twin/channel?format=html`. */
  readonly renderPage?: RenderPage | undefined;
  readonly limits?: 'none' | 'published' | object | undefined;
}

/** The webhooks as a service of a twin, in the tenant's time. */
export const webhookService: TwinServiceKind<WebhookServiceOptions, WebhookRoutes> = (
  { runtime, clock },
  { renderCard = drawTexts, renderPage, limits },
) =>
  webhookRoutes({ runtime, clock, render: renderCard, renderPage, limits: limits === 'none' ? 'none' : 'published' });

function createApp(handle: WebhookRoutes['handle'], control: Hono, runtime: Runtime): Hono {
  const app = new Hono();
  const controlled = new Hono();
  controlled.onError(answerError);
  controlled.route('/', control);
  app.route('/_twin', controlled);
  // A broken connection must reach the caller as one, not as an answer.
  app.onError((error) => {
    throw error;
  });
  app.all('*', async (c) => {
    const answer = await handle(fromFetch(c.req.raw));
    return answer ? toFetch(answer, c.req.raw, runtime) : c.notFound();
  });
  return app;
}

/** The forms of https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using */
function urlOf({ id, kind, signature }: TwinWebhook, base: string): string {
  if (kind === 'connector') return `${base}/webhookb2/${signature}@twin/IncomingWebhook/${id}/owner`;
  const query = new URLSearchParams({ 'api-version': '1', sp: '/triggers/manual/run', sv: '1.0', sig: signature });
  return `${base}/powerautomate/automations/direct/workflows/${id}/triggers/manual/paths/invoke?${query}`;
}

const hostAndPort = ({ hostname, port, protocol }: URL) =>
  `${hostname}:${port || (protocol === 'https:' ? '443' : '80')}`;
