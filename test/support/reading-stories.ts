import { identityStories } from './reading-stories/identity.ts';
import { lakeStories } from './reading-stories/lake.ts';
import { pageStories } from './reading-stories/pages.ts';
import type { Story } from './reading-stories/story.ts';
import { visibilityStories } from './reading-stories/visibility.ts';

/** How each case of `test/fixtures/cases/reading` is played, by the name of its file; in the order of its lines. */
export const stories: Readonly<Record<string, readonly Story[]>> = {
  ...pageStories,
  ...visibilityStories,
  ...lakeStories,
  ...identityStories,
};
