import { messageBytes } from '../envelope.ts';
import type { HostProfile } from '../host-profile.ts';
import { isLog, notSentNote, partText, textCharacters } from './characters.ts';
import { copyOf, dropIdleEntities, isKept, jsonBytes, type MutableNode, note } from './json.ts';

const partNote = (part: number, of: number) => note(partText(part, of));

/** True when parts of the body can stand in different messages: nothing in one part acts on another. */
export function isSplittable(card: unknown): boolean {
  return !/"type":"(Input\.|Action\.ToggleVisibility")/.test(JSON.stringify(card));
}

/**
 * The card as several, each with a run of body elements and a line that says which part it is. Buttons, refresh and
 * sign-in come with the last. A part with one element can still be too large.
 */
export function split(card: unknown, profile: HostProfile, maxParts: number): MutableNode[] {
  const { body, ...frame } = copyOf(card);
  const notes = [partNote(999, 999), note(notSentNote(Number.MAX_SAFE_INTEGER, 'before'))];
  const room = profile.maxBytes - messageBytes({ ...frame, body: notes }, profile);
  const runs = bounded(pack((body as MutableNode[] | undefined) ?? [], room, profile), maxParts, isLog(copyOf(card)));
  return runs.map((elements, index) => {
    const { actions, refresh, authentication, ...shell } = copyOf(frame);
    const last = index === runs.length - 1 ? { actions, refresh, authentication } : {};
    const part = { ...shell, body: [partNote(index + 1, runs.length), ...elements], ...last };
    dropIdleEntities(part);
    return copyOf(part);
  });
}

/** Lines that say what a log is about, kept whatever else is not sent. */
const MAX_HEADS = 3;

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

/** So many runs at most: the end of a log, the beginning of anything else, and a line that says what is missing. */
function bounded(runs: MutableNode[][], maxParts: number, log: boolean): MutableNode[][] {
  if (runs.length <= maxParts) return runs;
  const kept = log ? runs.slice(-maxParts) : runs.slice(0, maxParts);
  const dropped = log ? runs.slice(0, -maxParts) : runs.slice(maxParts);
  const missing = textCharacters(dropped);
  if (log) {
    const heads = dropped.flat().filter((element) => isKept(element) || element['weight'] === 'Bolder');
    kept[0] = [...heads.slice(0, MAX_HEADS), note(notSentNote(missing, 'before')), ...kept[0]!];
  } else
    kept[maxParts - 1] = [
      ...kept[maxParts - 1]!,
      ...dropped.flat().filter(isKept),
      note(notSentNote(missing, 'after')),
    ];
  return kept;
}
