import { isAtMost, type Rule } from './catalogue/rules.ts';
import { article, jsonKind, kindOf } from './checks/describe.ts';
import { isOneOf } from './checks/walk.ts';
import type { HostProfile } from './host-profile.ts';

/** Why a value cannot be what the rule wants, or undefined. Links are judged by their policy, lists by their items. */
export function misfit(rule: Rule, value: unknown): string | undefined {
  if (rule.is === 'either') {
    const reasons = rule.of.map((option) => misfit(option, value));
    return reasons.includes(undefined) ? undefined : NOT_KNOWN;
  }
  if (rule.is === 'url') return undefined;
  const kind = kindOf(rule);
  if (kind !== undefined && kind !== jsonKind(value)) return `it is ${article(jsonKind(value))}`;
  if (rule.is === 'enum') return isOneOf(rule.values, value as string) ? undefined : NOT_KNOWN;
  return rule.is === 'pattern' && !rule.pattern.test(value as string) ? NOT_KNOWN : undefined;
}

type JsonObject = Readonly<Record<string, unknown>>;

const NOT_KNOWN = 'it is not known here';

/** A number or a truth where a text is wanted: an expression alone gives its value as it is. */
export const asText = (rule: Rule, value: unknown): unknown =>
  (rule.is === 'string' || rule.is === 'markdown') && (typeof value === 'number' || typeof value === 'boolean')
    ? String(value)
    : value;

/** What an object in the place of an element keeps of it: others refer to its id, and it stands where it stood. */
const KEPT: readonly string[] = ['id', 'isVisible', 'separator', 'spacing', 'targetWidth', 'grid.area'];

/** The properties by which an element has its place. */
export const placeIn = (element: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(element).filter(([key]) => KEPT.includes(key)));

/** A card or a set with more buttons than a host shows in one: they stand in several rows, each of which it shows. */
export function inRows(name: string, object: JsonObject, profile: HostProfile): JsonObject {
  const { actions, ...rest } = object;
  if (!Array.isArray(actions) || isShownWhole(actions, profile)) return object;
  const starts = actions.map((_, index) => index).filter((index) => index % profile.maxActions === 0);
  const rows = starts.map((start) => ({
    type: 'ActionSet',
    actions: actions.slice(start, start + profile.maxActions) as readonly unknown[],
  }));
  if (name === 'ActionSet') return { ...placeIn(object), type: 'Container', items: rows };
  const body = Array.isArray(object['body']) ? object['body'] : [];
  return name === 'AdaptiveCard' ? { ...rest, body: [...body, ...rows] } : object;
}

/** A host with a menu has room for what is secondary. */
function isShownWhole(actions: readonly unknown[], { maxActions, version }: HostProfile): boolean {
  const isSecondary = (action: unknown) => (action as { readonly mode?: unknown } | null)?.mode === 'secondary';
  const shown = isAtMost('1.5', version) ? actions.filter((action) => !isSecondary(action)) : actions;
  return shown.length <= maxActions;
}
