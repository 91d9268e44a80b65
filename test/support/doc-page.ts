/** A part of a page that a reader acts on, in order. */
export type DocStep =
  | { readonly kind: 'file'; readonly name: string; readonly text: string }
  /** Commands without output to compare. */
  | { readonly kind: 'script'; readonly text: string }
  | { readonly kind: 'command'; readonly command: string; readonly expected: string };

/**
 * What a page tells its reader to do: a block below a line that ends in `` `NAME`: `` is that file; of a block without
 * a language, lines that begin with `$ ` are commands, and what follows one is what it prints.
 */
export function docSteps(markdown: string): readonly DocStep[] {
  return [...markdown.matchAll(/(?<=^(?<before>[^\n]*)\n\n)```(?<language>\w*)\n(?<text>[\s\S]*?)\n```$/gm)].flatMap(
    ({ groups }): DocStep[] => {
      const { before = '', language = '', text = '' } = groups ?? {};
      const name = /`([\w.-]+\.\w+)`[^`]*:$/.exec(before)?.[1];
      if (language !== '') return name === undefined ? [] : [{ kind: 'file', name, text: `${text}\n` }];
      if (!text.startsWith('$ ')) return [{ kind: 'script', text }];
      return text
        .slice(2)
        .split('\n$ ')
        .map((one) => {
          const [command = '', ...expected] = one.split('\n');
          return { kind: 'command', command, expected: expected.join('\n') };
        });
    },
  );
}

/** What differs from run to run: instants, and ids. */
const VARYING = /\d{4}-\d\d-\d\dT[\d:.]+Z|[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}|\b[\da-f]{32}\b|\b[\da-f]{16}\b/g;

/** A text with what differs from run to run made equal. */
export const sameEveryTime = (text: string): string => text.trim().replaceAll(VARYING, '…');

/** What stands in one text for what stands in another of the same form. */
export function varyingPairs(expected: string, actual: string): readonly (readonly [string, string])[] {
  const found = actual.match(VARYING) ?? [];
  return (expected.match(VARYING) ?? []).map((one, index) => [one, found[index] ?? one] as const);
}
