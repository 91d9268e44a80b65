import type { Notification } from '../../messages/types.ts';
import { severityOf, sourceOf } from '../notification.ts';
import type { MatcherSpec } from './matcher.ts';
import { type Literal, patternLiterals } from './pattern-literals.ts';

/** A value that a matcher needs, or the beginning of one, and where it is looked for. */
export interface LookupKey extends Literal {
  /** The label by its name, or another field: {@link valuesByPlace} says what a notification has there. */
  readonly place: string;
}

/**
 * What a matcher can be looked up by: it holds only where one of these keys does. Nothing when it may hold elsewhere:
 * `team=""` and `team!="ops"` hold without the label too.
 */
export function lookupKeys(spec: MatcherSpec): readonly LookupKey[] | undefined {
  const place = spec.field === 'label' ? labelPlace(spec.name) : spec.field;
  if (spec.op === '=') return spec.value === '' ? undefined : [{ place, text: spec.value, whole: true }];
  if (spec.op !== '=~') return undefined;
  return patternLiterals(spec.value)?.map((literal) => ({ place, ...literal }));
}

/** Every value of a notification with its place. */
export function eachValue(notification: Notification, found: (place: string, value: string) => void): void {
  const { labels } = notification;
  for (const name of Object.keys(labels)) found(labelPlace(name), labels[name]!);
  for (const tag of notification.tags) found('tag', tag);
  found('severity', severityOf(notification));
  found('source', sourceOf(notification));
}

const labelPlace = (name: string) => `label\0${name}`;
