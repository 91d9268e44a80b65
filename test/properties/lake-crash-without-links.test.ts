import { join } from 'node:path';
import { vi } from 'vitest';

vi.mock('node:fs/promises', async (original) => ({
  ...(await original<typeof import('node:fs/promises')>()),
  link: async () => {
    throw Object.assign(new Error('no links here'), { code: 'EOPNOTSUPP' });
  },
}));

const { fileStore } = await import('../../src/lake/stores/file.ts');
const { dyingRuns } = await import('../support/dying-runs.ts');

dyingRuns('files without hard links', (folder) => fileStore(join(folder, 'lake')), 5);
