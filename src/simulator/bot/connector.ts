import { botLimits, botTenantLimits, MAX_BOT_MESSAGE_BYTES } from '../../limits/bot-limits.ts';
import type { World } from '../graph/world.ts';
import { SlidingWindow } from '../limits/sliding-window.ts';
import { botAudience } from '../login/token-issuer.ts';
import { json, type TwinAnswer, type TwinRequest } from '../protocol/exchange.ts';
import { decodeSegment, pathSegments } from '../protocol/route-pattern.ts';
import type { TwinUser } from '../tenant/types.ts';
import {
  findConversation,
  personalConversation,
  personId,
  type TwinConversation,
  type TwinPost,
} from './conversations.ts';
import { type Body, feedbackOf, isTargeted, ownPost, TARGETED_MS, textAt, wordsOf } from './posts.ts';
import { badArgument, gone, notFound, notInRoster, refusal } from './refusals.ts';
import { roster, teamFacts, unfitMention } from './rosters.ts';
import type { BotPlayer, BotStep, Operation } from './script.ts';
import { streamed, streamInfoOf } from './streams.ts';

/** Every request of the bot, in order. */
export interface ConnectorEntry {
  readonly atMs: number;
  readonly operation: Operation;
  readonly conversation: string;
  /** First part of the path: what a conversation's service URL has. */
  readonly region: string;
  readonly status: number;
  readonly code: string | undefined;
}

export interface ConnectorOptions {
  readonly world: World;
  /** Those that the bot makes are added. */
  readonly conversations: TwinConversation[];
  readonly player: BotPlayer;
  readonly ledger: ConnectorEntry[];
  readonly limits: 'published' | 'none';
}

interface Call {
  readonly operation: Operation;
  readonly conversation: TwinConversation;
  readonly threadId: string | undefined;
  readonly activityId: string | undefined;
  readonly request: TwinRequest;
  /** Below the conversation. */
  readonly path: readonly string[];
}

/** Activities of these types are shown by nobody. */
const SILENT: readonly unknown[] = ['typing', 'trace', 'endOfConversation'];
/**
 * The connector: what a bot may do in conversations.
 *
 * @see https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference
 */
export function createConnector(options: ConnectorOptions) {
  const { world, conversations, player, ledger } = options;
  const windows = new Map<string, readonly SlidingWindow[]>();

  return async (request: TwinRequest): Promise<TwinAnswer> => {
    const [region = '', , kind, name, ...rest] = pathSegments(request.url.pathname).map(decodeSegment);
    const stranger = await refuseToken(world, request);
    if (stranger) return stranger;
    const operation =
      kind === 'teams' ? 'team' : name === undefined ? creation(request.method) : operationOf(request.method, rest);
    if (!operation) return refusal(405, 'MethodNotAllowed', 'There is no such operation.');
    const told = (conversation: string, given: TwinAnswer): TwinAnswer => {
      const code = /"code":"([^"]+)"/.exec(String(given.body))?.[1];
      ledger.push({ atMs: world.clock.now(), operation, conversation, region, status: given.status, code });
      return given;
    };
    if (kind === 'teams') {
      const path = [name ?? '', ...rest];
      return told('', await byScript('team', async () => teamFacts(world, conversations, path)));
    }
    if (name === undefined) return told('', await byScript('create', () => create(request)));
    const found = findConversation(conversations, name);
    if (!found) return told(name, notFound());
    const call = { ...found, operation, activityId: rest[1], request, path: rest };
    return told(found.conversation.id, await byScript(operation, () => carryOut(call)));
  };

  async function byScript(operation: Operation, carry: () => Promise<TwinAnswer>): Promise<TwinAnswer> {
    const step = player.play(operation);
    if (step && !step.executed) return scripted(step);
    const done = await carry();
    return step ? scripted(step) : done;
  }

  /** A chat with one person, or a thread of a channel. */
  async function create(request: TwinRequest): Promise<TwinAnswer> {
    const body = await readBody(request);
    if (!body) return badArgument('The body');
    const serviceUrl = request.url.href.replace(/v3\/conversations.*$/, '');
    const channelId = channelOf(body);
    if (channelId !== undefined) {
      const found = findConversation(conversations, channelId);
      if (!found) return notFound();
      const refused = notAllowed(found.conversation) ?? tooFast(found.conversation, 'create');
      if (refused) return refused;
      const activity = Object(body['activity']) as Body;
      const posted = post({ ...found, operation: 'send', activityId: undefined, request, path: [] }, activity);
      if (posted.status !== 201) return posted;
      const id = found.conversation.posts.at(-1)!.id;
      return json(201, { id: `${channelId};messageid=${id}`, activityId: id, serviceUrl });
    }
    const [member, ...others] = Array.isArray(body['members']) ? (body['members'] as Body[]) : [];
    if (!member || others.length > 0) return badArgument('members');
    if (tenantOf(body) !== world.tenant.id) return badArgument('tenantId');
    const user = world.tenant
      .users()
      .find((one) => one.id === member['id'] || personId(world.bot.clientId, one) === member['id']);
    if (!user) return refusal(400, 'ServiceError', 'Invalid userId.');
    const own = personalConversation(world.bot.clientId, user);
    const known = conversations.find(({ id }) => id === own.id);
    const conversation = known ?? own;
    conversation.installed ||= conversations.some(({ installed, people }) => installed && people.includes(user));
    const refused = notAllowed(conversation) ?? tooFast(conversation, 'create');
    if (refused) return refused;
    if (!known) conversations.push(conversation);
    return json(201, { id: conversation.id, serviceUrl });
  }

  async function carryOut(call: Call): Promise<TwinAnswer> {
    const { conversation, operation } = call;
    const refused = notAllowed(conversation) ?? tooFast(conversation, operation);
    if (refused) return refused;
    if (operation === 'members') return roster(world, conversation, call);
    if (operation === 'react') return react(call);
    const unfit = unfitTarget(call);
    if (unfit) return unfit;
    if (operation === 'delete') return remove(call);
    const body = await readBody(call.request);
    if (!body) return badArgument('The activity');
    const info = operation === 'update' ? undefined : streamInfoOf(body);
    if (info) {
      const nowMs = world.clock.now();
      const begin = (text: string) => said(conversation, { text, attachments: [] });
      return streamed(info, body, { conversation, nowMs, begin });
    }
    if (JSON.stringify(body).length * 2 > MAX_BOT_MESSAGE_BYTES) {
      return refusal(413, 'MessageSizeTooBig', 'Message size too large.');
    }
    return operation === 'update' ? update(call, body) : post(call, body);
  }

  function tooFast(conversation: TwinConversation, operation: Operation): TwinAnswer | undefined {
    const waitMs = overLimitMs(conversation, operation);
    if (waitMs <= 0) return undefined;
    const seconds = String(Math.ceil(waitMs / 1_000));
    return refusal(429, 'Throttled', 'API calls quota exceeded.', { 'retry-after': seconds });
  }

  function overLimitMs({ id }: TwinConversation, operation: Operation): number {
    if (options.limits === 'none') return 0;
    const kind = operation === 'members' || operation === 'create' ? operation : 'send';
    const key = `${kind} ${id}`;
    const own = windows.get(key) ?? botLimits[kind].map(({ limit, windowMs }) => new SlidingWindow(limit, windowMs));
    windows.set(key, own);
    const all = windows.get('') ?? botTenantLimits.map(({ limit, windowMs }) => new SlidingWindow(limit, windowMs));
    windows.set('', all);
    const nowMs = world.runtime.now();
    // Each window counts what came, also when another one is full.
    const over = [...own, ...all].filter((window) => !window.add(nowMs, 1));
    return Math.max(0, ...over.map((window) => window.waitMs(nowMs, 1)));
  }

  function newId(posts: readonly TwinPost[]): string {
    return String(world.clock.now()) + String(posts.length).padStart(4, '0');
  }

  function post({ conversation, threadId, operation, activityId, request }: Call, body: Body): TwinAnswer {
    const id = newId(conversation.posts);
    if (body['type'] === 'typing') conversation.typingAtMs = world.clock.now();
    if (SILENT.includes(body['type'])) return json(201, { id });
    if (body['type'] !== 'message') return badArgument('type');
    const { text, attachments } = wordsOf(body);
    const unfit = unfitMention(world, conversation, body);
    if (unfit) return badArgument(unfit);
    if (text === undefined && attachments.length === 0) return badArgument('text');
    const known = conversation.posts.some((one) => one.id === activityId);
    if (operation === 'reply' && !known) return gone();
    const target = isTargeted(request) ? targetOf(conversation, body) : undefined;
    if (typeof target === 'string') return target === 'missing' ? badArgument('recipient') : notInRoster(404);
    const replyToId = threadId ?? (conversation.type === 'channel' ? activityId : undefined);
    const more = { replyToId, visibleTo: target, feedback: feedbackOf(body) };
    if (text === undefined || attachments.length === 0) {
      return json(201, { id: said(conversation, { text, attachments, ...more }).id });
    }
    // Teams splits it in two, and then gives no id that it could be edited by.
    said(conversation, { text, attachments: [], ...more });
    said(conversation, { text: undefined, attachments, ...more });
    return json(201, {});
  }

  /** Something that the bot said. */
  function said(
    { posts }: TwinConversation,
    words: Pick<TwinPost, 'text' | 'attachments' | 'visibleTo' | 'feedback'> & {
      readonly replyToId?: string | undefined;
    },
  ): TwinPost {
    const id = newId(posts);
    const at = { by: 'bot', name: 'Bot', atMs: world.clock.now(), reactions: [], replyToId: undefined } as const;
    const post: TwinPost = { id, ...at, edited: false, deleted: false, ...words };
    posts.push(post);
    return post;
  }

  /** A person of the conversation whom a message is for. */
  function targetOf({ people }: TwinConversation, body: Body): TwinUser | 'missing' | 'stranger' {
    const id = textAt(body, 'recipient', 'id');
    if (id === undefined) return 'missing';
    return people.find((user) => user.id === id || personId(world.bot.clientId, user) === id) ?? 'stranger';
  }

  /** Targeted messages are edited and deleted as such, within a day; and there are none in a chat with one person. */
  function unfitTarget({ conversation, activityId, operation, request }: Call): TwinAnswer | undefined {
    const wanted = isTargeted(request);
    if (wanted && conversation.type === 'personal') return badArgument('isTargetedActivity');
    if (operation !== 'update' && operation !== 'delete') return undefined;
    const own = ownPost(conversation, activityId);
    const isOver = own?.visibleTo !== undefined && world.clock.now() - own.atMs > TARGETED_MS;
    return isOver || (own?.visibleTo !== undefined) !== wanted ? gone() : undefined;
  }

  function update({ conversation, activityId, request }: Call, body: Body): TwinAnswer {
    const own = ownPost(conversation, activityId);
    if (!own) return gone();
    if (isTargeted(request) && body['recipient'] !== undefined) return badArgument('recipient');
    if (own.stream) own.stream.state = 'done';
    Object.assign(own, wordsOf(body), { edited: true });
    return json(200, { id: own.id });
  }

  function react({ conversation, activityId, path, request }: Call): TwinAnswer {
    const post = conversation.posts.find(({ id, deleted }) => id === activityId && !deleted);
    const reaction = path[3];
    if (!post || reaction === undefined) return gone();
    const others = post.reactions.filter((one) => one !== reaction);
    post.reactions = request.method === 'PUT' ? [...others, reaction] : others;
    return { status: 200, headers: {}, body: '' };
  }

  function remove({ conversation, activityId }: Call): TwinAnswer {
    const own = ownPost(conversation, activityId);
    if (!own) return gone();
    own.deleted = true;
    return { status: 200, headers: {}, body: '' };
  }
}

/** Whether the bot may do anything there at all. */
function notAllowed({ installed, blocked }: TwinConversation): TwinAnswer | undefined {
  if (!installed) return notInRoster();
  return blocked ? refusal(403, 'ConversationBlockedByUser', 'User blocked the conversation with the bot.') : undefined;
}

const creation = (method: string): Operation | undefined => (method === 'POST' ? 'create' : undefined);

const channelOf = (body: Body) => textAt(body, 'channelData', 'channel', 'id');
const tenantOf = (body: Body) => textAt(body, 'tenantId') ?? textAt(body, 'channelData', 'tenant', 'id');

/** Paths below `/v3/conversations/{id}`. */
function operationOf(method: string, [what, id, below]: readonly string[]): Operation | undefined {
  const isRoster =
    what === 'members' || what?.toLowerCase() === 'pagedmembers' || (id !== undefined && below === 'members');
  if (isRoster && method === 'GET') return 'members';
  if (what !== 'activities') return undefined;
  if (below === 'reactions') return method === 'PUT' || method === 'DELETE' ? 'react' : undefined;
  if (id === undefined) return method === 'POST' ? 'send' : undefined;
  return ({ POST: 'reply', PUT: 'update', DELETE: 'delete' } as const)[method as 'POST'];
}

function scripted({ status, code, message = 'By script.', body, retryAfter }: BotStep): TwinAnswer {
  const headers: Record<string, string> = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
  if (body !== undefined) return json(status, body, headers);
  return code === undefined ? { status, headers, body: '' } : refusal(status, code, message, headers);
}

/** Who is not the bot is not let in. */
async function refuseToken({ issuer, bot }: World, request: TwinRequest): Promise<TwinAnswer | undefined> {
  const [, token] = /^Bearer (\S+)$/i.exec(request.header('authorization') ?? '') ?? [];
  const caller = token === undefined ? 'malformed' : await issuer.check(token, botAudience);
  if (typeof caller === 'string')
    return refusal(401, 'Unauthorized', 'The token is missing, has ended, or is for another service.');
  return caller.clientId === bot.clientId ? undefined : refusal(401, 'BotNotRegistered', 'No registered bot.');
}

async function readBody(request: TwinRequest): Promise<Body | undefined> {
  try {
    const value: unknown = JSON.parse(await request.text());
    return typeof value === 'object' && value !== null ? (value as Body) : undefined;
  } catch {
    return undefined;
  }
}
