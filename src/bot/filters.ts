import {
  type ActivityType,
  type EventName,
  type EventType,
  eventNames,
  isActivityType,
} from './activities/activity-types.ts';
import type { Activity } from './activities/read-activity.ts';
import { type InvokeName, isInvokeName, NAMELESS } from './invokes/invokes.ts';

type InvokeFilter = `invoke:${InvokeName}`;
type EventFilter = { readonly [Type in EventType]: `${Type}:${EventName<Type>}` }[EventType];

/** What a handler is for: a type of activity, or one name of it. `invoke` alone is none: each has its own answer. */
export type Filter = PlainFilter | InvokeFilter;

/** What nobody waits for. */
export type PlainFilter = Exclude<ActivityType, 'invoke'> | EventFilter;

/** The type of activity that a filter lets through. */
export type TypeOf<Given extends Filter> = Given extends `${infer Type extends ActivityType}:${string}`
  ? Type
  : Extract<Given, ActivityType>;

/** The activity that a filter lets through. */
export type ActivityFor<Given extends Filter> = Extract<Activity, { readonly type: TypeOf<Given> }>;

/** Every filter that an activity fits: its type, and its name where it has a published one. */
export function filtersOf(activity: Activity): readonly Filter[] {
  if (activity.type === 'invoke') {
    const name = activity.name ?? NAMELESS;
    return isInvokeName(name) ? [`invoke:${name}`] : [];
  }
  const name = nameOf(activity);
  const filter = `${activity.type}:${name ?? ''}`;
  return isFilter(filter) ? [activity.type, filter] : [activity.type];
}

/** Where each type says what it is more exactly. */
function nameOf(activity: Activity): string | null | undefined {
  if (activity.type === 'event') return activity.name;
  if (activity.type === 'installationUpdate') return activity.action;
  return activity.channelData?.eventType;
}

export function isFilter(text: string): text is Filter {
  const [type = '', ...rest] = text.split(':');
  const name = rest.join(':');
  if (type === 'invoke') return isInvokeName(name);
  if (rest.length === 0) return isActivityType(type);
  const known: readonly string[] = eventNames[type as EventType] ?? [];
  return Object.hasOwn(eventNames, type) && known.includes(name);
}
