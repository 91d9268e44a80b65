import { Hono } from 'hono';
import { z } from 'zod';
import { parseInput, readJson } from '../control/parse-input.ts';
import { twinErrors } from '../errors.ts';
import { behaviours } from './behaviours.ts';
import {
  CHANNEL_THEMES,
  CHANNEL_VIEWS,
  channelJson,
  channelPosts,
  channelText,
  type RenderCard,
  type RenderPage,
} from './channel.ts';
import { scriptSchema } from './script.ts';
import { countsOf, type TwinWebhook } from './webhook.ts';

/** What the control interface has for webhooks, below `/_twin`. */
export const webhookControlIndex = {
  'GET /_twin/webhooks': 'webhooks with their URLs and counts, and every behaviour there is',
  'POST /_twin/webhooks': 'add one: {id, kind?: workflow | connector}',
  'POST /_twin/webhooks/reset': 'empty every ledger and channel',
  'GET /_twin/webhooks/{id}/ledger': 'every request that came: when, which message, what was done, duplicate or not',
  'POST /_twin/webhooks/{id}/script':
    'what it does next: {steps: [{do, times?, status?, body?, retryAfter?, delayMs?, flowDelayMs?, reason?}], after?}',
  'GET /_twin/channel?webhook=ID':
    'what a person would see; &view=phone on a phone; &format=json for data, &format=html&theme=light|dark for a page',
};

/** Ids stand in paths and pictures. */
export const webhookSchema = z.strictObject({
  id: z.string().regex(/^[\w-]{1,64}$/, 'letters, digits, - and _, at most 64'),
  kind: z.enum(['workflow', 'connector']).default('workflow'),
});

export interface WebhookControlOptions {
  readonly webhooks: ReadonlyMap<string, TwinWebhook>;
  readonly add: (webhook: z.output<typeof webhookSchema>) => TwinWebhook;
  readonly urlOf: (webhook: TwinWebhook, base: string) => string;
  readonly render: RenderCard;
  /** Draws the page of a channel. Without it there is none. */
  readonly renderPage?: RenderPage | undefined;
}

const channelQuery = z.object({
  webhook: z.string().optional(),
  view: z.enum(CHANNEL_VIEWS).default('web'),
  theme: z.enum(CHANNEL_THEMES).default('auto'),
  format: z.enum(['text', 'json', 'html']).optional(),
});

/** The control interface of the webhooks. It is mounted below `/_twin`, and refuses by throwing. */
export function createWebhookControl({ webhooks, add, urlOf, render, renderPage }: WebhookControlOptions): Hono {
  const app = new Hono();
  const summary = (webhook: TwinWebhook, requestUrl: string) => {
    const { id, kind } = webhook;
    return { id, kind, url: urlOf(webhook, new URL(requestUrl).origin), ...countsOf(webhook) };
  };
  const find = (field: string, id: string | undefined) => {
    const webhook = webhooks.get(id ?? '');
    if (webhook) return webhook;
    throw twinErrors.webhook_unknown({ field, value: id ?? '', valid: [...webhooks.keys()] });
  };

  app.get('/webhooks', (c) => {
    const known = Object.fromEntries(Object.entries(behaviours).map(([name, { summary: text }]) => [name, text]));
    return c.json({ webhooks: [...webhooks.values()].map((one) => summary(one, c.req.url)), behaviours: known });
  });
  app.post('/webhooks', async (c) => {
    const wanted = parseInput(webhookSchema, await readJson(c.req.raw), 'POST /_twin/webhooks');
    return c.json(summary(add(wanted), c.req.url), 201);
  });
  app.post('/webhooks/reset', (c) => {
    for (const webhook of webhooks.values()) webhook.clear();
    return c.body(null, 204);
  });
  app.get('/webhooks/:id/ledger', (c) => c.json({ entries: find('id', c.req.param('id')).ledger }));
  app.post('/webhooks/:id/script', async (c) => {
    const webhook = find('id', c.req.param('id'));
    webhook.load(parseInput(scriptSchema, await readJson(c.req.raw), 'POST /_twin/webhooks/{id}/script'));
    return c.body(null, 204);
  });
  app.get('/channel', (c) => {
    const query = parseInput(channelQuery, c.req.query(), 'GET /_twin/channel');
    const { view, theme, format = c.req.header('accept')?.includes('application/json') ? 'json' : 'text' } = query;
    const webhook = find('webhook', query.webhook);
    const drawn = (card: unknown) => render(card, view);
    if (format === 'json') return c.json(channelJson(webhook, drawn));
    if (format === 'text' || !renderPage) return c.text(channelText(webhook, drawn));
    return c.html(renderPage(channelPosts(webhook), { view, theme, title: `#${webhook.id}` }));
  });
  return app;
}
