import { messageBytes } from '../envelope.ts';
import type { HostProfile } from '../host-profile.ts';
import { copyOf, dropIdleEntities, jsonBytes, type MutableNode, note } from './json.ts';

const partNote = (part: number, of: number) => note(`Part ${part} of ${of}`);

/** True when parts of the body can stand in different messages: nothing in one part acts on another. */
export function isSplittable(card: unknown): boolean {
  return !/"type":"(Input\.|Action\.ToggleVisibility")/.test(JSON.stringify(card));
}

/**
 * The card as several, each with a run of body elements and a line that says which part it is. Buttons, refresh and
 * sign-in come with the last. A part with one element can still be too large.
 */
export function split(card: unknown, profile: HostProfile): MutableNode[] {
  const { body, ...frame } = copyOf(card);
  const room = profile.maxBytes - messageBytes({ ...frame, body: [partNote(99, 99)] }, profile);
  const runs = pack((body as MutableNode[] | undefined) ?? [], room, profile);
  return runs.map((elements, index) => {
    const { actions, refresh, authentication, ...shell } = copyOf(frame);
    const last = index === runs.length - 1 ? { actions, refresh, authentication } : {};
    const part = { ...shell, body: [partNote(index + 1, runs.length), ...elements], ...last };
    dropIdleEntities(part);
    return copyOf(part);
  });
}

/** Runs of elements, each as long as fits into the room. */
function pack(elements: readonly MutableNode[], room: number, profile: HostProfile): MutableNode[][] {
  const runs: MutableNode[][] = [];
  let left = 0;
  for (const element of elements) {
    const bytes = jsonBytes(element, profile) + jsonBytes(',', profile);
    const run = runs.at(-1);
    if (run && bytes <= left) run.push(element);
    else {
      runs.push([element]);
      left = room;
    }
    left -= bytes;
  }
  return runs;
}
