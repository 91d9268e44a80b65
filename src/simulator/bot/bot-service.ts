import { Hono } from 'hono';
import { z } from 'zod';
import { parseInput, readJson } from '../control/parse-input.ts';
import { twinErrors } from '../errors.ts';
import type { World } from '../graph/world.ts';
import { json } from '../protocol/exchange.ts';
import { pathSegments } from '../protocol/route-pattern.ts';
import type { TwinService, TwinServiceKind } from '../service.ts';
import { CHANNEL_VIEWS, drawTexts, type RenderCard } from '../webhooks/channel.ts';
import { type BotIssuer, createBotIssuer } from './bot-issuer.ts';
import { type ConnectorEntry, createConnector } from './connector.ts';
import { conversationText, createConversations, findConversation, type TwinConversation } from './conversations.ts';
import { activitiesOf, type Deed, deedSchema } from './deeds.ts';
import { botScriptSchema, createBotPlayer } from './script.ts';

/** What a twin says of the bot service. */
export interface BotServiceOptions {
  /** Where the bot takes its activities: `http://127.0.0.1:3978/api/messages`. */
  readonly botUrl?: string | undefined;
  /** Carries activities to the bot. Default: that of the process. */
  readonly botFetch?: ((request: Request) => Promise<Response>) | undefined;
  readonly renderCard?: RenderCard | undefined;
  readonly limits?: 'none' | 'published' | object | undefined;
}

/** What the bot answered to an activity. */
export interface Delivery {
  readonly type: unknown;
  readonly id: unknown;
  /** Undefined: nobody answered. */
  readonly status: number | undefined;
  readonly body: unknown;
}

/** The bot service of a twin: keys, connector, and people who talk to the bot. */
export interface TwinBotService extends TwinService {
  readonly conversations: readonly TwinConversation[];
  readonly issuer: BotIssuer;
  /** Every request of the bot, in order. */
  readonly ledger: readonly ConnectorEntry[];
  /** Lets a person do something, and tells the bot. @param base - where the twin is served */
  act(deed: z.input<typeof deedSchema>, base: string): Promise<readonly Delivery[]>;
}

const controlIndex = {
  'GET /_twin/bot': 'the bot, its conversations and people, and every request that it made',
  'POST /_twin/bot/do': `what a person does: {do: ${deedSchema.options.map(({ shape }) => shape.do.value).join(' | ')}, conversation?, from?, …}`,
  'POST /_twin/bot/script':
    'what the connector refuses next: {steps: [{operation?, status, code?, message?, body?, retryAfter?, after?, times?, executed?}]}',
  'POST /_twin/bot/keys/rotate': 'a new key signs from now on',
  'GET /_twin/channel?conversation=ID':
    'what a person would see of a conversation with the bot; personal, group, channel',
};

const DELIVERY_PATIENCE_MS = 15_000;
const channelQuery = z.object({ conversation: z.string(), view: z.enum(CHANNEL_VIEWS).default('web') });

/** @see https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication */
export const botService: TwinServiceKind<BotServiceOptions, TwinBotService> = (world, options) => {
  const conversations = createConversations(world.tenant, world.bot.clientId);
  const issuer = createBotIssuer(world.runtime);
  const player = createBotPlayer();
  const ledger: ConnectorEntry[] = [];
  const limits = options.limits === 'none' ? 'none' : 'published';
  const connector = createConnector({ world, conversations, player, ledger, limits });
  const told = new Map<string, readonly Activity[]>();
  const act: TwinBotService['act'] = async (given, base) => {
    const deed = parseInput(deedSchema, given, 'POST /_twin/bot/do');
    return perform(deed, { world, conversations, issuer, options, base, told });
  };
  return {
    has: 'a bot connector',
    conversations,
    issuer,
    ledger,
    act,
    handle: (request) => {
      const [first, second, third] = pathSegments(request.url.pathname);
      if (second === 'v3' && (third === 'conversations' || third === 'teams')) return connector(request);
      if (request.method !== 'GET' || first !== 'v1' || second !== '.well-known') return undefined;
      if (third === 'openidconfiguration') return Promise.resolve(json(200, issuer.metadata(request.url.origin)));
      return third === 'keys' ? Promise.resolve(json(200, issuer.keys())) : undefined;
    },
    env: (url) => ({
      TEAMS_BOT_APP_ID: world.bot.clientId,
      TEAMS_BOT_APP_SECRET: world.bot.clientSecret.reveal(),
      TEAMS_BOT_TWIN_URL: url,
    }),
    control: {
      index: controlIndex,
      routes: controlOf({ conversations, issuer, ledger, player, act, options, appId: world.bot.clientId }),
    },
  };
};

interface Stage {
  readonly world: World;
  readonly conversations: readonly TwinConversation[];
  readonly issuer: BotIssuer;
  readonly options: BotServiceOptions;
  readonly base: string;
  /** What the bot was told, by id, so that it can be repeated. */
  readonly told: Map<string, readonly Activity[]>;
}

type Activity = Readonly<Record<string, unknown>>;

const MAX_TOLD = 10_000;

/** What a person can do with a bot that is there alone. */
const NEEDS_BOT: ReadonlySet<Deed['do']> = new Set([
  ...(['uninstall', 'say', 'edit', 'delete', 'react', 'press', 'execute', 'invoke', 'stop', 'feedback'] as const),
]);

async function perform(deed: Deed, stage: Stage): Promise<readonly Delivery[]> {
  const { conversations, world, base, told } = stage;
  const { conversation } = conversationOf(conversations, deed.conversation);
  const person = conversation.people.find(({ id }) => id === deed.from) ?? conversation.people[0];
  if (!person || (deed.from !== undefined && person.id !== deed.from)) {
    const valid = conversation.people.map(({ id }) => id);
    throw twinErrors.unknown_value({ field: 'from', value: deed.from ?? '', valid });
  }
  if (NEEDS_BOT.has(deed.do) && !conversation.installed) {
    throw twinErrors.bot_not_installed({ conversation: conversation.alias });
  }
  const deliveries: Delivery[] = [];
  const serviceUrl = `${base}/${conversation.region}/`;
  const scene = { world, conversation, person, serviceUrl, told: (id: string) => told.get(id) ?? [] };
  const signedFor = (deed.do === 'activity' ? deed.signedFor : undefined) ?? serviceUrl;
  for (const activity of activitiesOf(deed, scene)) {
    const id = String(activity['id']);
    if (told.size < MAX_TOLD && deed.do !== 'repeat') told.set(id, [...(told.get(id) ?? []), activity]);
    deliveries.push(await deliver(activity, signedFor, stage));
  }
  return deliveries;
}

/** Sends an activity as the bot service does. */
async function deliver(activity: Activity, serviceUrl: string, stage: Stage): Promise<Delivery> {
  const { world, issuer, options } = stage;
  const { botUrl, botFetch = globalThis.fetch } = options;
  if (botUrl === undefined) throw twinErrors.bot_missing();
  const { type, id } = activity;
  const token = await issuer.token({ appId: world.bot.clientId, serviceUrl });
  const request = new Request(botUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json; charset=utf-8', authorization: `Bearer ${token}` },
    body: JSON.stringify(activity),
    redirect: 'manual',
    signal: AbortSignal.timeout(DELIVERY_PATIENCE_MS),
  });
  try {
    const answer = await botFetch(request);
    return { type, id, status: answer.status, body: parsed(await answer.text()) };
  } catch {
    return { type, id, status: undefined, body: undefined };
  }
}

function parsed(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return text;
  }
}

function conversationOf(conversations: readonly TwinConversation[], name: string) {
  const found = findConversation(conversations, name);
  if (found) return found;
  throw twinErrors.unknown_value({
    field: 'conversation',
    value: name,
    valid: conversations.map(({ alias }) => alias),
  });
}

interface Controlled extends Pick<TwinBotService, 'conversations' | 'issuer' | 'ledger' | 'act'> {
  readonly player: ReturnType<typeof createBotPlayer>;
  readonly options: BotServiceOptions;
  readonly appId: string;
}

function controlOf({ conversations, issuer, ledger, player, act, options, appId }: Controlled): Hono {
  const app = new Hono();
  app.get('/bot', (c) =>
    c.json({
      appId,
      url: options.botUrl,
      conversations: conversations.map(({ id, alias, type, name, people, installed, blocked, posts }) => ({
        id,
        alias,
        type,
        name,
        installed,
        blocked,
        posts: posts.length,
        people: people.map((user) => ({ id: user.id, name: user.displayName })),
      })),
      requests: ledger,
    }),
  );
  app.post('/bot/do', async (c) => {
    const deed = (await readJson(c.req.raw)) as z.input<typeof deedSchema>;
    return c.json({ deliveries: await act(deed, new URL(c.req.url).origin) });
  });
  app.post('/bot/script', async (c) => {
    player.load(parseInput(botScriptSchema, await readJson(c.req.raw), 'POST /_twin/bot/script').steps);
    return c.body(null, 204);
  });
  app.post('/bot/keys/rotate', (c) => {
    issuer.rotate();
    return c.body(null, 204);
  });
  app.get('/channel', (c, next) => {
    if (c.req.query('conversation') === undefined) return next();
    const query = parseInput(channelQuery, c.req.query(), 'GET /_twin/channel');
    const { conversation } = conversationOf(conversations, query.conversation);
    const { renderCard = drawTexts } = options;
    return Promise.resolve(c.text(conversationText(conversation, (card) => renderCard(card, query.view))));
  });
  return app;
}
