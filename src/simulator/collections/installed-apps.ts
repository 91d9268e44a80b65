import { z } from 'zod';
import type { GraphCall } from '../graph/call.ts';
import { equalityFilter } from '../graph/query-options.ts';
import { between, type Random, sample } from '../tenant/generator/chance.ts';
import { id, text } from '../tenant/line-schema.ts';
import { invalidLine, type LinePosition, readRecords } from '../tenant/lines.ts';
import type { Loading } from '../tenant/loading.ts';
import type { TenantStore } from '../tenant/store.ts';
import type { Tenant, TwinApp, TwinInstallation } from '../tenant/types.ts';
import { appJson, apps, definitionJson, permissionSet } from './app-catalogue.ts';
import type { TwinCollection } from './collection.ts';
import { teamOf } from './find-channel.ts';
import { chatPath, hostedChatOf, teamsUserOf } from './find-chat.ts';
import { type GraphRecord, listRoute } from './list-route.ts';
import { readableChats } from './listed-chats.ts';
import type { PlaceKind } from './place-store.ts';

/** Ids of installations are opaque to clients; Graph's decode to place and app. */
export const installation = (placeId: string, app: TwinApp): TwinInstallation => ({
  id: Buffer.from(`${placeId}##${app.id}`).toString('base64'),
  app,
});

/** Apps in teams, chats, and with people. The first of each has them all. */
function generate(tenant: TenantStore, random: Random): void {
  const met = new Set<PlaceKind>();
  for (const [kind, id] of placesOf(tenant)) {
    const [least, most] = kind === 'chat' ? [0, 2] : [2, 4];
    const count = met.has(kind) ? between(random, least, most) : apps.length;
    met.add(kind);
    for (const app of sample(random, apps, count)) tenant.installedApps.put(kind, id, installation(id, app));
  }
}

function* placesOf(tenant: Tenant): Iterable<readonly [PlaceKind, string]> {
  for (const { id } of tenant.teams()) yield ['team', id];
  for (const { id } of readableChats(tenant)) yield ['chat', id];
  for (const { id } of licensedUsers(tenant)) yield ['user', id];
}

const licensedUsers = (tenant: Tenant) => tenant.users().filter(({ isLicensed }) => isLicensed !== false);

/** Without `$expand` only the id and the consent come. */
function record(call: GraphCall, { id, app }: TwinInstallation): GraphRecord {
  const wanted = call.query.get('$expand')?.split(',') ?? [];
  return {
    id,
    consentedPermissionSet: app.permissions.length > 0 ? permissionSet(app) : null,
    ...(wanted.includes('teamsApp') && { teamsApp: appJson(app) }),
    ...(wanted.includes('teamsAppDefinition') && { teamsAppDefinition: definitionJson(app) }),
  };
}

interface Installed {
  readonly pattern: string;
  /** In the names of the permissions that are for such places alone. */
  readonly scope: 'Team' | 'Chat' | 'User';
  readonly kind: PlaceKind;
  readonly placeOf: (call: GraphCall) => { readonly id: string; readonly path: string };
}

const list = ({ pattern, scope, kind, placeOf }: Installed) =>
  listRoute({
    pattern,
    roles: [
      `TeamsAppInstallation.ReadFor${scope}.All`,
      'TeamsAppInstallation.Read.All',
      `TeamsAppInstallation.ReadWriteFor${scope}.All`,
    ],
    path: (call) => `${placeOf(call).path}/installedApps`,
    records: (call) => {
      const keep = equalityFilter(call.query, ['externalId']);
      const all = call.tenant.installedApps.of(kind, placeOf(call).id);
      return all.filter(({ app }) => keep({ ...app })).map((one) => record(call, one));
    },
    filter: 'own',
    type: 'microsoft.graph.teamsAppInstallation',
    expand: ['teamsApp', 'teamsAppDefinition', 'teamsApp,teamsAppDefinition', 'teamsAppDefinition,teamsApp'],
    count: 'always',
  });

/** Of apps as lines name them. */
export const AppLine = z.object({
  id,
  displayName: text,
  externalId: text.nullable(),
  distributionMethod: text,
  version: text,
  shortDescription: text,
  description: text,
  clientAppId: id.nullable(),
  permissions: z.array(text),
});

const InstalledAppLine = z.object({ place: z.enum(['team', 'chat', 'user']), placeId: id, id, app: AppLine });

async function load({ tenant, dir }: Loading): Promise<void> {
  const use = ({ place, placeId, ...one }: z.infer<typeof InstalledAppLine>, position: LinePosition) => {
    const known = { team: tenant.team(placeId), chat: tenant.chats.chat(placeId), user: tenant.user(placeId) };
    if (!known[place])
      throw invalidLine(position, 'placeId', `"${placeId}" must be the id of a ${place} of the folder`);
    tenant.installedApps.put(place, placeId, one);
  };
  await readRecords(dir, 'installed-apps', InstalledAppLine, use, { isOptional: true });
}

function* records(tenant: Tenant): Iterable<unknown> {
  const places = { team: tenant.teams(), chat: tenant.chats.all(), user: tenant.users() };
  for (const [place, owners] of Object.entries(places) as [PlaceKind, readonly { id: string }[]][])
    for (const { id: placeId } of owners)
      for (const one of tenant.installedApps.of(place, placeId)) yield { place, placeId, ...one };
}

export const installedApps: TwinCollection = {
  name: 'installed_apps',
  permissions: ['Team', 'Chat', 'User'].map((scope) => `TeamsAppInstallation.ReadFor${scope}.All`),
  routes: [
    // https://learn.microsoft.com/en-us/graph/api/team-list-installedapps
    list({
      pattern: '/teams/{team-id}/installedApps',
      scope: 'Team',
      kind: 'team',
      placeOf: (call) => ({ id: teamOf(call).id, path: `/teams('${teamOf(call).id}')` }),
    }),
    // https://learn.microsoft.com/en-us/graph/api/chat-list-installedapps
    list({
      pattern: '/chats/{chat-id}/installedApps',
      scope: 'Chat',
      kind: 'chat',
      placeOf: (call) => ({ id: hostedChatOf(call).id, path: chatPath(call, hostedChatOf(call)) }),
    }),
    // https://learn.microsoft.com/en-us/graph/api/userteamwork-list-installedapps
    list({
      pattern: '/users/{user-id}/teamwork/installedApps',
      scope: 'User',
      kind: 'user',
      placeOf: (call) => ({ id: teamsUserOf(call).id, path: `/users('${teamsUserOf(call).id}')/teamwork` }),
    }),
  ],
  ledger: {
    *installed_apps(tenant) {
      for (const team of tenant.teams())
        for (const { id } of tenant.installedApps.of('team', team.id)) yield { team_id: team.id, id };
    },
    *chat_installed_apps(tenant) {
      for (const chat of readableChats(tenant))
        for (const { id } of tenant.installedApps.of('chat', chat.id)) yield { chat_id: chat.id, id };
    },
    *user_installed_apps(tenant) {
      for (const user of licensedUsers(tenant))
        for (const { id } of tenant.installedApps.of('user', user.id)) yield { user_id: user.id, id };
    },
  },
  files: [{ name: 'installed-apps', records, load }],
  generate: (tenant, { streamOf }) => generate(tenant, streamOf('installed_apps')),
};
