import { expect, it } from 'vitest';
import { foreignErrorText, placesOf } from './foreign-error.ts';

it('tells the kind and the place of a foreign error, never its words', () => {
  const canary = 'CANARY';
  const thrown = [
    () => JSON.parse(`{"content": ${canary}`),
    () => JSON.parse(`${canary}\n    at fake (file:///a/b.ts:1:2)`),
    () => new URL(`${canary}://[`),
    () => (undefined as unknown as { CANARY: () => void }).CANARY(),
  ];
  for (const work of thrown) {
    try {
      work();
      throw new Error('it did not throw');
    } catch (error) {
      const text = foreignErrorText(error) + placesOf(error as Error).join();
      expect(text).not.toContain(canary);
      expect(foreignErrorText(error)).toMatch(/^\w*Error at [\w.-]+\/[\w.-]+:\d+\.$/);
    }
  }
  expect(foreignErrorText('CANARY')).not.toContain(canary);
});
