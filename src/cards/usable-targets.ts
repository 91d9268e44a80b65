import { isObject } from './checks/walk.ts';
import { childPath } from './fault.ts';

/** Actions that name elements by their ids, and where. */
const TARGETS: ReadonlyMap<unknown, string> = new Map([
  ['Action.ToggleVisibility', 'targetElements'],
  ['Action.ResetInputs', 'targetInputIds'],
]);

/** A card whose buttons name only elements that it has; one that would move nothing is left out. */
export function withoutLostTargets(card: unknown, lost: (path: string) => void): unknown {
  const ids = new Set(idsIn(card));
  const walk = (value: unknown, path: string): unknown => {
    if (Array.isArray(value)) {
      return value.map((item, index) => walk(item, childPath(path, index))).filter((item) => item !== undefined);
    }
    if (!isObject(value)) return value;
    const key = TARGETS.get(value['type']);
    const list = key === undefined ? undefined : value[key];
    const kept = Array.isArray(list) ? list.filter((target) => isHit(target, ids)) : undefined;
    if (kept && kept.length < (list as unknown[]).length) lost(childPath(path, key!));
    if (kept?.length === 0) return undefined;
    const entries = Object.entries(kept ? { ...value, [key!]: kept } : value);
    return Object.fromEntries(
      entries
        .map(([name, child]) => [name, walk(child, childPath(path, name))])
        .filter(([, child]) => child !== undefined),
    );
  };
  return walk(card, '$');
}

/** Whether it names an element that is there. */
function isHit(target: unknown, ids: ReadonlySet<unknown>): boolean {
  const id = isObject(target) ? target['elementId'] : target;
  return typeof id === 'string' && ids.has(id);
}

function idsIn(value: unknown): unknown[] {
  if (Array.isArray(value)) return value.flatMap(idsIn);
  if (!isObject(value)) return [];
  return [value['id'], ...Object.values(value).flatMap(idsIn)];
}
