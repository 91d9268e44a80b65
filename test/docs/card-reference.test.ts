import { expect, it } from 'vitest';
import { cardReference } from '../../src/cards/catalogue/reference.ts';

// After a change of the catalogue: `npx vitest run test/docs/card-reference.test.ts -u`.
it('keeps docs/reference/cards.md as the catalogue says', async () => {
  await expect(`${cardReference()}\n`).toMatchFileSnapshot('../../docs/reference/cards.md');
});
