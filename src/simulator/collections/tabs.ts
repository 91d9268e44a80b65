import { z } from 'zod';
import type { GraphCall } from '../graph/call.ts';
import { between, guid, pick, type Random } from '../tenant/generator/chance.ts';
import { id, text } from '../tenant/line-schema.ts';
import { invalidLine, type LinePosition, readRecords } from '../tenant/lines.ts';
import type { Loading } from '../tenant/loading.ts';
import type { TenantStore } from '../tenant/store.ts';
import type { Tenant, TwinTab } from '../tenant/types.ts';
import { appJson, tabApps } from './app-catalogue.ts';
import type { TwinCollection } from './collection.ts';
import { channelOf, channelPath, everyChannel } from './find-channel.ts';
import { chatPath, hostedChatOf } from './find-chat.ts';
import { AppLine } from './installed-apps.ts';
import { type GraphRecord, listRoute } from './list-route.ts';
import { readableChats } from './listed-chats.ts';
import type { PlaceKind } from './place-store.ts';

const NAMES = ['Plan', 'Handbook', 'Wiki', 'Dashboard', 'Minutes', 'Roadmap'];

export function newTab(random: Random, displayName?: string | undefined): TwinTab {
  const app = pick(random, tabApps);
  const page = `https://tabs.northwind.example/${guid(random)}`;
  const own = { entityId: page.slice(-36), removeUrl: `${page}/remove` };
  const configuration = { ...own, contentUrl: page, websiteUrl: page };
  return { id: guid(random), displayName: displayName ?? pick(random, NAMES), app, configuration };
}

/** Pages that channels and chats of several people show. */
function generate(tenant: TenantStore, random: Random): void {
  for (const [kind, placeId] of placesOf(tenant)) {
    for (let count = between(random, 0, 2); count > 0; count--) tenant.tabs.put(kind, placeId, newTab(random));
  }
}

function* placesOf(tenant: Tenant): Iterable<readonly [PlaceKind, string]> {
  for (const { id: channelId } of everyChannel(tenant)) yield ['channel', channelId];
  for (const chat of readableChats(tenant)) if (chat.chatType !== 'oneOnOne') yield ['chat', chat.id];
}

function record(call: GraphCall, tab: TwinTab, context: string): GraphRecord {
  return {
    id: tab.id,
    displayName: tab.displayName,
    webUrl: `https://teams.microsoft.com/l/entity/${tab.app.id}/${tab.configuration.entityId}?context=${encodeURIComponent(context)}`,
    configuration: tab.configuration,
    ...(call.query.get('$expand') === 'teamsApp' && { teamsApp: appJson(tab.app) }),
  };
}

interface Shown {
  readonly pattern: string;
  readonly kind: PlaceKind;
  readonly placeOf: (call: GraphCall) => { readonly id: string; readonly path: string };
}

const list = ({ pattern, kind, placeOf }: Shown) =>
  listRoute({
    pattern,
    roles: ['TeamsTab.Read.All', 'TeamsTab.ReadWrite.All'],
    path: (call) => `${placeOf(call).path}/tabs`,
    records: (call) => {
      const { id: placeId } = placeOf(call);
      const context = JSON.stringify({ [`${kind}Id`]: placeId });
      return call.tenant.tabs.of(kind, placeId).map((tab) => record(call, tab, context));
    },
    filter: ['displayName'],
    type: 'microsoft.graph.teamsTab',
    expand: ['teamsApp'],
    count: 'always',
  });

const TabLine = z.object({
  place: z.enum(['channel', 'chat']),
  placeId: id,
  id,
  displayName: text,
  app: AppLine,
  configuration: z.object({
    entityId: text.nullable(),
    contentUrl: text.nullable(),
    websiteUrl: text.nullable(),
    removeUrl: text.nullable(),
  }),
});

async function load({ tenant, dir }: Loading): Promise<void> {
  const use = ({ place, placeId, ...tab }: z.infer<typeof TabLine>, position: LinePosition) => {
    const known = { channel: tenant.channel(placeId), chat: tenant.chats.chat(placeId) };
    if (!known[place])
      throw invalidLine(position, 'placeId', `"${placeId}" must be the id of a ${place} of the folder`);
    tenant.tabs.put(place, placeId, tab);
  };
  await readRecords(dir, 'tabs', TabLine, use, { isOptional: true });
}

function* records(tenant: Tenant): Iterable<unknown> {
  const places = { channel: [...everyChannel(tenant)], chat: tenant.chats.all() };
  for (const [place, owners] of Object.entries(places) as [PlaceKind, readonly { id: string }[]][])
    for (const { id: placeId } of owners)
      for (const tab of tenant.tabs.of(place, placeId)) yield { place, placeId, ...tab };
}

export const tabs: TwinCollection = {
  name: 'tabs',
  permissions: ['TeamsTab.Read.All'],
  routes: [
    // https://learn.microsoft.com/en-us/graph/api/channel-list-tabs
    list({
      pattern: '/teams/{team-id}/channels/{channel-id}/tabs',
      kind: 'channel',
      placeOf: (call) => ({ id: channelOf(call).id, path: channelPath(channelOf(call)) }),
    }),
    // https://learn.microsoft.com/en-us/graph/api/chat-list-tabs
    list({
      pattern: '/chats/{chat-id}/tabs',
      kind: 'chat',
      placeOf: (call) => ({ id: hostedChatOf(call).id, path: chatPath(call, hostedChatOf(call)) }),
    }),
  ],
  ledger: {
    *tabs(tenant) {
      for (const { id: channelId, teamId } of everyChannel(tenant))
        for (const tab of tenant.tabs.of('channel', channelId))
          yield { team_id: teamId, channel_id: channelId, id: tab.id };
    },
    *chat_tabs(tenant) {
      for (const chat of readableChats(tenant))
        for (const tab of tenant.tabs.of('chat', chat.id)) yield { chat_id: chat.id, id: tab.id };
    },
  },
  files: [{ name: 'tabs', records, load }],
  generate: (tenant, { streamOf }) => generate(tenant, streamOf('tabs')),
};
