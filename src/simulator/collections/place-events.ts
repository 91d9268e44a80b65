import { invalidEvent, type TwinEvent } from '../tenant/event-schema.ts';
import { pick, sample } from '../tenant/generator/chance.ts';
import type { TenantStore } from '../tenant/store.ts';
import type { TwinTag } from '../tenant/types.ts';
import { apps, upgraded } from './app-catalogue.ts';
import { installation } from './installed-apps.ts';
import type { PlaceKind } from './place-store.ts';
import { newTab } from './tabs.ts';
import { newTag, teamTags } from './team-tags.ts';

export type PlaceEvent = Extract<TwinEvent, { type: `${string}App` | `${string}Tab` | `${string}Tag` }>;

interface Named {
  readonly teamId?: string | undefined;
  readonly channelId?: string | undefined;
  readonly chatId?: string | undefined;
  readonly userId?: string | undefined;
}

/** Lets something happen to the apps, tabs and tags at hand. Targets that it does not name are picked by the tenant's seed. */
export function applyPlaceEvent(tenant: TenantStore, event: PlaceEvent) {
  const { random, installedApps, tabs } = tenant;
  const tags = tagsOf(tenant);
  switch (event.type) {
    case 'installApp': {
      const [kind, id] = placeOf(tenant, event, 'team');
      const present = new Set(installedApps.of(kind, id).map(({ app }) => app.id));
      const absent = apps.filter((app) => !present.has(app.id));
      if (absent.length === 0) return refuse('type', 'every app is installed there');
      const added = installation(id, pick(random, absent));
      installedApps.put(kind, id, added);
      return { ...named(kind, id), installationId: added.id };
    }
    case 'upgradeApp': {
      const [kind, id, one] = recordOf(tenant, event, {
        kinds: ['team', 'chat', 'user'],
        store: installedApps,
        field: 'installationId',
      });
      installedApps.put(kind, id, { ...one, app: upgraded(one.app) });
      return { ...named(kind, id), installationId: one.id };
    }
    case 'removeApp': {
      const [kind, id, one] = recordOf(tenant, event, {
        kinds: ['team', 'chat', 'user'],
        store: installedApps,
        field: 'installationId',
      });
      installedApps.remove(kind, id, one.id);
      return { ...named(kind, id), installationId: one.id };
    }
    case 'addTab': {
      const [kind, id] = placeOf(tenant, event, 'channel');
      const tab = newTab(random, event.displayName);
      tabs.put(kind, id, tab);
      return { ...named(kind, id), tabId: tab.id };
    }
    case 'removeTab': {
      const [kind, id, { id: tabId }] = recordOf(tenant, event, {
        kinds: ['channel', 'chat'],
        store: tabs,
        field: 'tabId',
      });
      tabs.remove(kind, id, tabId);
      return { ...named(kind, id), tabId };
    }
    case 'createTag': {
      const [kind, id] = placeOf(tenant, event, 'team');
      const userIds = event.members ?? sample(random, tenant.teamMembers(id), 3).map(({ userId }) => userId);
      const tag = newTag(random, { id }, { displayName: event.displayName ?? 'New tag', userIds });
      tags.put(kind, id, tag);
      return { teamId: id, tagId: tag.id };
    }
    case 'changeTag': {
      const [kind, id, tag] = recordOf(tenant, event, { kinds: ['team'], store: tags, field: 'tagId' });
      const { displayName = tag.displayName, members: userIds = tag.userIds.slice(1) } = event;
      tags.put(kind, id, { ...tag, displayName, userIds });
      return { teamId: id, tagId: tag.id };
    }
    case 'removeTag': {
      const [kind, id, { id: tagId }] = recordOf(tenant, event, { kinds: ['team'], store: tags, field: 'tagId' });
      tags.remove(kind, id, tagId);
      return { teamId: id, tagId };
    }
  }
}

/** Tags as what stands in places of several kinds. They stand in teams only. */
function tagsOf(tenant: TenantStore) {
  const team = (id: string) => tenant.team(id) ?? refuse('teamId', `no team ${id}`);
  return {
    of: (_: PlaceKind, id: string) => teamTags.of(tenant, team(id)),
    put: (_: PlaceKind, id: string, tag: TwinTag) => teamTags.put(tenant, team(id), tag),
    remove: (_: PlaceKind, id: string, tagId: string) => teamTags.remove(tenant, team(id), tagId),
  };
}

const ID_OF = { team: 'teamId', channel: 'channelId', chat: 'chatId', user: 'userId' } as const;

const named = (kind: PlaceKind, id: string) => ({ [ID_OF[kind]]: id });

/** Every place of a kind. */
function* everyPlace(tenant: TenantStore, kind: PlaceKind): Iterable<string> {
  if (kind === 'user') yield* tenant.users().map(({ id }) => id);
  if (kind === 'chat') yield* tenant.chats.all().map(({ id }) => id);
  for (const team of kind === 'team' || kind === 'channel' ? tenant.teams() : []) {
    if (kind === 'team') yield team.id;
    else yield* tenant.channels(team.id).map(({ id }) => id);
  }
}

function isThere(tenant: TenantStore, kind: PlaceKind, id: string): boolean {
  const found = {
    team: tenant.team(id),
    channel: tenant.channel(id),
    chat: tenant.chats.chat(id),
    user: tenant.user(id),
  };
  return found[kind] !== undefined;
}

/** The place that an event names; undefined: it names none. */
function namedPlace(tenant: TenantStore, event: Named): readonly [PlaceKind, string] | undefined {
  for (const kind of ['channel', 'chat', 'user', 'team'] as const) {
    const id = event[ID_OF[kind]];
    if (id === undefined) continue;
    return isThere(tenant, kind, id) ? [kind, id] : refuse(ID_OF[kind], `no ${kind} ${id}`);
  }
  return undefined;
}

/** The place that an event names, or any of a kind. */
function placeOf(tenant: TenantStore, event: Named, kind: PlaceKind): readonly [PlaceKind, string] {
  const place = namedPlace(tenant, event);
  if (place) return place;
  const all = [...everyPlace(tenant, kind)];
  return all.length > 0 ? [kind, pick(tenant.random, all)] : refuse(ID_OF[kind], `the tenant has no ${kind}`);
}

interface Wanted<T> {
  readonly kinds: readonly PlaceKind[];
  readonly store: { of(kind: PlaceKind, id: string): readonly T[] };
  /** How events name such a record. */
  readonly field: 'installationId' | 'tabId' | 'tagId';
}

/** The record that an event names, or any of the place that it names, or any at all. */
function recordOf<T extends { readonly id: string }>(
  tenant: TenantStore,
  event: Named & { readonly [field in Wanted<T>['field']]?: string | undefined },
  { kinds, store, field }: Wanted<T>,
): readonly [PlaceKind, string, T] {
  const place = namedPlace(tenant, event);
  const places = place
    ? [place]
    : kinds.flatMap((kind) => [...everyPlace(tenant, kind)].map((id) => [kind, id] as const));
  const records = places.flatMap(([kind, id]) => store.of(kind, id).map((one) => [kind, id, one] as const));
  const wanted = event[field];
  const found = wanted === undefined ? records : records.filter(([, , { id }]) => id === wanted);
  return found.length > 0 ? pick(tenant.random, found) : refuse(field, 'there is none');
}

function refuse(field: string, problem: string): never {
  throw invalidEvent(field, problem);
}
