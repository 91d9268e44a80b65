import { describe, expect, it, vi } from 'vitest';
import { stories } from '../support/reading-stories.ts';
import { casesOf } from '../support/reading-world.ts';

// Whole syncs, some of them as processes: slow on a busy machine.
vi.setConfig({ testTimeout: 240_000 });

/**
 * Cases that do not hold yet, with their kind: `file` and the number of its line. It shrinks to nothing: one that holds
 * must leave it.
 */
const pending: Readonly<Record<string, string>> = {};

const files = Object.keys(stories);

describe('what people reported of reading', () => {
  it('has a story for every line of every file of cases', async () => {
    const told = await Promise.all(files.map(async (file) => [file, (await casesOf(file)).length] as const));
    expect(
      Object.fromEntries(files.map((file) => [file, stories[file]!.reduce((sum, { lines }) => sum + lines, 0)])),
    ).toEqual(Object.fromEntries(told));
  });

  it('is a case for every name that is pending', () => {
    const names = files.flatMap((file) => stories[file]!.map((_, at) => nameOf(file, at)));
    expect(names).toEqual(expect.arrayContaining(Object.keys(pending)));
  });

  for (const file of files) {
    for (const [at, story] of stories[file]!.entries()) {
      const name = nameOf(file, at);
      const kind = pending[name];
      it(`${name}: ${story.expected}${kind ? ` (pending: ${kind})` : ''}`, async () => {
        const fault = await story.play(await casesOf(file)).then(
          () => undefined,
          (error: unknown) => error as Error,
        );
        if (kind !== undefined) expect(fault, 'it holds now: take it out of the pending ones').toBeDefined();
        else if (fault) throw fault;
      });
    }
  }
});

function nameOf(file: string, at: number): string {
  return stories[file]!.length === 1 ? file : `${file}-${at + 1}`;
}
