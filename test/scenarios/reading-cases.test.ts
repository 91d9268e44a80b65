import { describe, expect, it, vi } from 'vitest';
import { stories } from '../support/reading-stories.ts';
import { casesOf } from '../support/reading-world.ts';

// Whole syncs, some of them as processes: slow on a busy machine.
vi.setConfig({ testTimeout: 240_000 });

const files = Object.keys(stories);

describe('what people reported of reading', () => {
  it('has a story for every line of every file of cases', async () => {
    const told = await Promise.all(files.map(async (file) => [file, (await casesOf(file)).length] as const));
    expect(
      Object.fromEntries(files.map((file) => [file, stories[file]!.reduce((sum, { lines }) => sum + lines, 0)])),
    ).toEqual(Object.fromEntries(told));
  });

  for (const file of files) {
    for (const [at, story] of stories[file]!.entries()) {
      it(`${nameOf(file, at)}: ${story.expected}`, async () => {
        await story.play(await casesOf(file));
      });
    }
  }
});

function nameOf(file: string, at: number): string {
  return stories[file]!.length === 1 ? file : `${file}-${at + 1}`;
}
