import type { Notification } from '../../messages/types.ts';
import { severityOf, sourceOf } from '../notification.ts';
import type { MatcherSpec } from './matcher.ts';

/** What a matcher can be looked up by. Only a value that must be there can: `team=""` also holds without the label. */
export function lookupKey(spec: MatcherSpec): string | undefined {
  if (spec.op !== '=' || spec.value === '') return undefined;
  return spec.field === 'label' ? labelKey(spec.name, spec.value) : `${spec.field}\0${spec.value}`;
}

/** Every key under which a matcher that holds for a notification may stand. */
export function* lookupKeys(notification: Notification): Generator<string> {
  for (const [name, value] of Object.entries(notification.labels)) yield labelKey(name, value);
  for (const tag of notification.tags) yield `tag\0${tag}`;
  yield `severity\0${severityOf(notification)}`;
  yield `source\0${sourceOf(notification)}`;
}

const labelKey = (name: string, value: string) => `label\0${name}\0${value}`;
