import { z } from 'zod';
import { twinErrors } from '../errors.ts';
import type { World } from '../graph/world.ts';
import type { TwinUser } from '../tenant/types.ts';
import { personId, type TwinConversation, type TwinPost } from './conversations.ts';

type Json = Readonly<Record<string, unknown>>;

const text = z.string().max(100_000);
const deed = <Name extends string, Shape extends z.ZodRawShape>(name: Name, shape: Shape) =>
  z.strictObject({
    do: z.literal(name),
    /** Id or alias. Default `personal`. */
    conversation: z.string().default('personal'),
    /** Id of a person of the conversation. Default: the first. */
    from: z.string().optional(),
    ...shape,
  });

/** What `POST /_twin/bot/do` takes: everything that a person may do with a bot. */
export const deedSchema = z.discriminatedUnion('do', [
  deed('install', {}),
  deed('uninstall', {}),
  deed('block', {}),
  deed('unblock', {}),
  deed('say', { text, thread: z.string().optional() }),
  deed('edit', { id: z.string(), text }),
  deed('delete', { id: z.string() }),
  deed('react', { id: z.string(), reaction: z.string().max(100).default('like') }),
  deed('press', { id: z.string().optional(), value: z.unknown().optional() }),
  deed('execute', { verb: z.string().optional(), data: z.unknown().optional() }),
  deed('invoke', { name: z.string(), value: z.unknown().optional() }),
  deed('stop', {}),
  deed('feedback', {
    id: z.string().optional(),
    reaction: z.enum(['like', 'dislike']).default('like'),
    text: text.default(''),
  }),
  deed('move', { region: z.string().regex(/^[a-z]{2,20}$/) }),
  deed('repeat', { id: z.string() }),
  deed('activity', {
    activity: z.record(z.string(), z.unknown()),
    /** What the token says of the service URL. Default: what is true. */
    signedFor: z.string().max(2_000).optional(),
  }),
]);

export type Deed = z.output<typeof deedSchema>;

/** Who does it, where, and whom it is told to. */
export interface Scene {
  readonly world: World;
  readonly conversation: TwinConversation;
  readonly person: TwinUser;
  readonly serviceUrl: string;
  /** What the bot was told under an id. */
  readonly told: (id: string) => readonly Json[];
}

/** What every activity has. https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference#activity-object */
function base({ world, conversation, person, serviceUrl }: Scene, threadId?: string | undefined): Json {
  const { id, type, name, teamId } = conversation;
  const tenantId = world.tenant.id;
  const isChannel = type === 'channel';
  return {
    id: world.runtime.id(),
    timestamp: new Date(world.clock.now()).toISOString(),
    channelId: 'msteams',
    serviceUrl,
    locale: 'en-US',
    from: { id: personId(world.bot.clientId, person), name: person.displayName, aadObjectId: person.id },
    recipient: bot(world),
    conversation: {
      id: threadId === undefined ? id : `${id};messageid=${threadId}`,
      conversationType: type,
      tenantId,
      isGroup: type !== 'personal',
      name,
    },
    channelData: {
      tenant: { id: tenantId },
      team: isChannel ? { id: teamId } : undefined,
      channel: isChannel ? { id } : undefined,
    },
  };
}

const bot = ({ bot: { clientId } }: World) => ({ id: `28:${clientId}`, name: 'Bot' });

/** The activities of a deed, in the order in which Teams sends them; and what the people see of it at once. */
export function activitiesOf(given: Deed, scene: Scene): readonly Json[] {
  const { world, conversation, person } = scene;
  switch (given.do) {
    case 'install':
      conversation.installed = true;
      return [
        { ...base(scene), type: 'installationUpdate', action: 'add' },
        { ...base(scene), type: 'conversationUpdate', membersAdded: [bot(world)] },
      ];
    case 'uninstall':
      conversation.installed = false;
      return [
        { ...base(scene), type: 'conversationUpdate', membersRemoved: [bot(world)] },
        { ...base(scene), type: 'installationUpdate', action: 'remove' },
      ];
    case 'block':
    case 'unblock':
      // Nobody tells the bot: it learns it when it writes.
      conversation.blocked = given.do === 'block';
      return [];
    case 'move':
      // The next activity says it.
      conversation.region = given.region;
      return [];
    case 'repeat':
      return scene.told(given.id);
    case 'stop':
      // Nobody tells the bot: it learns it when it writes on.
      for (const { stream } of conversation.posts) if (stream?.state === 'open') stream.state = 'stopped';
      return [];
    case 'feedback':
      return [feedback(given, scene)];
    case 'say': {
      const post = postOf(scene, given.text, given.thread);
      conversation.posts.push(post);
      const threadId = conversation.type === 'channel' ? (given.thread ?? post.id) : undefined;
      return [{ ...base(scene, threadId), ...words(scene, given.text), type: 'message', id: post.id }];
    }
    case 'edit': {
      const post = found(conversation, given.id);
      if (post) Object.assign(post, { text: given.text, edited: true });
      return [{ ...changed(scene, 'editMessage'), ...words(scene, given.text), type: 'messageUpdate', id: given.id }];
    }
    case 'delete': {
      const post = found(conversation, given.id);
      if (post) post.deleted = true;
      return [{ ...changed(scene, 'softDeleteMessage'), type: 'messageDelete', id: given.id }];
    }
    case 'react': {
      const post = found(conversation, given.id);
      if (post) post.reactions = [...post.reactions, given.reaction];
      const reactionsAdded = [{ type: given.reaction }];
      return [{ ...base(scene), type: 'messageReaction', replyToId: given.id, reactionsAdded }];
    }
    case 'press':
      return [{ ...base(scene), type: 'message', replyToId: given.id, value: given.value ?? {} }];
    case 'execute': {
      const action = { type: 'Action.Execute', verb: given.verb, data: given.data ?? {} };
      const value = { action, trigger: 'manual' };
      return [{ ...base(scene), type: 'invoke', name: 'adaptiveCard/action', value }];
    }
    case 'invoke':
      return [{ ...base(scene), type: 'invoke', name: given.name, value: given.value ?? {} }];
    case 'activity':
      return [{ ...base(scene), from: { id: personId(world.bot.clientId, person) }, ...given.activity }];
  }
}

/** A button below a message of the bot. https://learn.microsoft.com/microsoftteams/platform/bots/how-to/bot-messages-ai-generated-content#feedback-buttons */
function feedback({ id, reaction, text: words }: Extract<Deed, { do: 'feedback' }>, scene: Scene): Json {
  const asking = scene.conversation.posts.filter((post) => post.feedback !== undefined && !post.deleted);
  const post = id === undefined ? asking.at(-1) : asking.find((one) => one.id === id);
  if (!post) throw twinErrors.unknown_value({ field: 'id', value: id ?? '', valid: asking.map((one) => one.id) });
  const about = { ...base(scene), type: 'invoke', replyToId: post.id };
  if (post.feedback === 'custom') {
    const value = { data: { actionName: 'feedback', actionValue: { reaction } } };
    return { ...about, name: 'message/fetchTask', value };
  }
  const actionValue = { reaction, feedback: JSON.stringify({ feedbackText: words }) };
  return { ...about, name: 'message/submitAction', value: { actionName: 'feedback', actionValue } };
}

function changed(scene: Scene, eventType: string): Json {
  const given = base(scene);
  return { ...given, channelData: { ...Object(given['channelData']), eventType } };
}

/** Text as it arrives: twice, and with the mention that a group must begin with. */
function words({ world, conversation }: Scene, given: string): Json {
  const mark = `<at>${bot(world).name}</at>`;
  const isMention = conversation.type !== 'personal';
  return {
    text: isMention ? `${mark} ${given}` : given,
    textFormat: 'plain',
    attachments: [{ contentType: 'text/html', content: `<p>${isMention ? `${mark} ` : ''}${escaped(given)}</p>` }],
    entities: isMention ? [{ type: 'mention', text: mark, mentioned: bot(world) }] : [],
  };
}

const escaped = (given: string) => given.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const found = ({ posts }: TwinConversation, id: string) => posts.find((post) => post.id === id && post.by === 'person');

function postOf({ world, conversation, person }: Scene, given: string, thread: string | undefined): TwinPost {
  return {
    id: String(world.clock.now()) + String(conversation.posts.length).padStart(4, '0'),
    by: 'person',
    name: person.displayName ?? person.id,
    atMs: world.clock.now(),
    text: given,
    attachments: [],
    edited: false,
    deleted: false,
    replyToId: thread,
    reactions: [],
  };
}
