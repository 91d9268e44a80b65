import type { Kysely } from 'kysely';
import { z } from 'zod';
import { type Store, transact } from '../../outbox/database.ts';
import { storedJson } from '../../outbox/stored-json.ts';
import { withoutThread } from '../activities/conversation-id.ts';
import { account, type Envelope } from '../activities/envelope.ts';
import { type ConversationReference, conversationChange } from './conversation-change.ts';
import type { BotTables, BotTransaction, ConversationRow, ConversationState } from './tables.ts';

/** A conversation that the bot was in. */
export interface KnownConversation {
  readonly tenantId: string;
  readonly conversationId: string;
  readonly type: string;
  readonly name: string | undefined;
  readonly teamId: string | undefined;
  readonly userId: string | undefined;
  readonly aadObjectId: string | undefined;
  readonly serviceUrl: string;
  /** Undefined: what is stored cannot be read, and the next activity makes it anew. */
  readonly reference: ConversationReference | undefined;
  readonly state: ConversationState;
  readonly reason: string | undefined;
  readonly stateSinceMs: number;
  readonly seenAtMs: number;
}

/** Whose conversations are meant. */
export interface BotIdentity {
  readonly appId: string;
  readonly tenantId: string;
}

/** Where a bot can speak: durable, and shared by all servers on one database. */
export interface Conversations {
  list(appId: string): Promise<readonly KnownConversation[]>;
  find(bot: BotIdentity, conversationId: string): Promise<KnownConversation | undefined>;
  /** The personal conversation of a person, by either of the ids. */
  ofPerson(bot: BotIdentity, user: string): Promise<KnownConversation | undefined>;
  /** Where the bot heard of its tenant last. */
  newest(bot: BotIdentity): Promise<KnownConversation | undefined>;
  /** Keeps a personal conversation that the bot has made. */
  created(bot: BotIdentity, made: CreatedConversation): Promise<void>;
  /** What the service proved when the bot wrote there; an activity from there that is newer ends it. */
  refused(bot: BotIdentity, conversationId: string, state: ConversationState, reason: string): Promise<void>;
}

export interface CreatedConversation {
  readonly conversationId: string;
  readonly user: string;
  readonly serviceUrl: string;
  readonly botAccount: ConversationReference['bot'];
}

const referenceSchema = z.object({
  conversation: z.looseObject({ id: z.string() }),
  bot: account,
  user: account.optional(),
  channelId: z.string(),
  serviceUrl: z.string(),
  locale: z.string().optional(),
});

/** Takes note of what an activity says of its conversation, in the transaction that stores the activity. */
export async function noteConversation(
  transaction: BotTransaction,
  given: Envelope,
  { appId, tenantId, nowMs }: BotIdentity & { readonly nowMs: number },
): Promise<void> {
  const change = conversationChange(given, nowMs);
  const { conversationId, atMs, teamId, reference } = change;
  const state = (await laterEnd(transaction, { appId, tenantId, teamId, atMs })) ?? change;
  const facts = {
    service_url: reference.serviceUrl,
    reference: JSON.stringify(reference),
    state: state.state,
    reason: state.reason ?? null,
    as_of: atMs,
  };
  const named = {
    type: change.type,
    name: change.name ?? null,
    team_id: teamId ?? null,
    user_id: change.user?.id ?? null,
    aad_object_id: change.user?.aadObjectId?.toLowerCase() ?? null,
  };
  await transaction
    .insertInto('bot_conversations')
    .values({
      app_id: appId,
      tenant_id: tenantId,
      conversation_id: conversationId,
      ...named,
      ...facts,
      state_since: atMs,
    })
    .onConflict((conflict) =>
      conflict
        .columns(['app_id', 'tenant_id', 'conversation_id'])
        .doUpdateSet(({ ref, fn, eb }) => ({
          ...facts,
          name: fn.coalesce(ref('excluded.name'), ref('bot_conversations.name')),
          team_id: fn.coalesce(ref('excluded.team_id'), ref('bot_conversations.team_id')),
          user_id: fn.coalesce(ref('excluded.user_id'), ref('bot_conversations.user_id')),
          aad_object_id: fn.coalesce(ref('excluded.aad_object_id'), ref('bot_conversations.aad_object_id')),
          state_since: eb
            .case()
            .when('bot_conversations.state', '=', facts.state)
            .then(ref('bot_conversations.state_since'))
            .else(atMs)
            .end(),
        }))
        .where('bot_conversations.as_of', '<=', atMs),
    )
    .execute();
  if (change.ofTeam && teamId !== undefined) await spread(transaction, { appId, tenantId, teamId, atMs }, change);
}

interface Team extends BotIdentity {
  readonly teamId: string | undefined;
  readonly atMs: number;
}

/** What came too late: the team that it is of was left since. */
async function laterEnd(transaction: BotTransaction, { appId, tenantId, teamId, atMs }: Team) {
  if (teamId === undefined) return undefined;
  const end = await transaction
    .selectFrom('bot_conversations')
    .select(['state', 'reason'])
    .where('app_id', '=', appId)
    .where('tenant_id', '=', tenantId)
    .where('team_id', '=', teamId)
    .where('as_of', '>', atMs)
    .where('state', '=', 'uninstalled')
    .orderBy('as_of', 'desc')
    .limit(1)
    .executeTakeFirst();
  return end && { state: end.state, reason: end.reason ?? undefined };
}

/** The other conversations of the team are in the same state from then on; what was deleted stays so. */
async function spread(
  transaction: BotTransaction,
  { appId, tenantId, teamId, atMs }: Team & { readonly teamId: string },
  { state, reason }: { readonly state: ConversationState; readonly reason: string | undefined },
): Promise<void> {
  await transaction
    .updateTable('bot_conversations')
    .set({ state, reason: reason ?? null, state_since: atMs, as_of: atMs })
    .where('app_id', '=', appId)
    .where('tenant_id', '=', tenantId)
    .where('team_id', '=', teamId)
    .where('as_of', '<=', atMs)
    .where('state', '<>', state)
    .$if(state === 'active' && reason === undefined, (query) => query.where('state', '=', 'uninstalled'))
    .execute();
}

export function createConversations(store: Store, ready: () => Promise<Kysely<BotTables>>): Conversations {
  const rows = async ({ appId, tenantId }: BotIdentity) =>
    (await ready())
      .selectFrom('bot_conversations')
      .selectAll()
      .where('app_id', '=', appId)
      .where('tenant_id', '=', tenantId)
      .orderBy('as_of', 'desc');
  const known = (row: ConversationRow | undefined) => row && knownOf(row);
  const write = async (body: (transaction: BotTransaction) => Promise<unknown>) => {
    await ready();
    await transact(store, (transaction) => body(transaction as unknown as BotTransaction));
  };
  return {
    list: async (appId) => {
      const db = await ready();
      const found = await db
        .selectFrom('bot_conversations')
        .selectAll()
        .where('app_id', '=', appId)
        .orderBy('tenant_id')
        .orderBy('type')
        .orderBy('conversation_id')
        .execute();
      return found.map(knownOf);
    },
    find: async (bot, conversationId) =>
      known(await (await rows(bot)).where('conversation_id', '=', withoutThread(conversationId)).executeTakeFirst()),
    ofPerson: async (bot, user) =>
      known(
        await (await rows(bot))
          .where('type', '=', 'personal')
          .where(({ or, eb }) => or([eb('user_id', '=', user), eb('aad_object_id', '=', user.toLowerCase())]))
          .executeTakeFirst(),
      ),
    newest: async (bot) => known(await (await rows(bot)).limit(1).executeTakeFirst()),
    created: async ({ appId, tenantId }, { conversationId, user, serviceUrl, botAccount }) => {
      const atMs = store.runtime.now();
      const reference: ConversationReference = {
        conversation: { id: conversationId, conversationType: 'personal', tenantId },
        bot: botAccount,
        user: { id: user },
        channelId: 'msteams',
        serviceUrl,
        locale: undefined,
      };
      const isTeamsId = user.startsWith('29:');
      const row: ConversationRow = {
        app_id: appId,
        tenant_id: tenantId,
        conversation_id: conversationId,
        type: 'personal',
        name: null,
        team_id: null,
        user_id: isTeamsId ? user : null,
        aad_object_id: isTeamsId ? null : user.toLowerCase(),
        service_url: serviceUrl,
        reference: JSON.stringify(reference),
        state: 'active',
        reason: null,
        state_since: atMs,
        as_of: atMs,
      };
      await write((transaction) =>
        transaction
          .insertInto('bot_conversations')
          .values(row)
          .onConflict((conflict) => conflict.doNothing())
          .execute(),
      );
    },
    refused: async ({ appId, tenantId }, conversationId, state, reason) => {
      const atMs = store.runtime.now();
      await write((transaction) =>
        transaction
          .updateTable('bot_conversations')
          .set({ state, reason, state_since: atMs })
          .where('app_id', '=', appId)
          .where('tenant_id', '=', tenantId)
          .where('conversation_id', '=', withoutThread(conversationId))
          .execute(),
      );
    },
  };
}

const knownOf = (row: ConversationRow): KnownConversation => ({
  tenantId: row.tenant_id,
  conversationId: row.conversation_id,
  type: row.type,
  name: row.name ?? undefined,
  teamId: row.team_id ?? undefined,
  userId: row.user_id ?? undefined,
  aadObjectId: row.aad_object_id ?? undefined,
  serviceUrl: row.service_url,
  reference: referenceSchema.safeParse(storedJson(row.reference)?.value).data as ConversationReference | undefined,
  state: row.state,
  reason: row.reason ?? undefined,
  stateSinceMs: Number(row.state_since),
  seenAtMs: Number(row.as_of),
});
