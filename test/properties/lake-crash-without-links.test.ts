import { vi } from 'vitest';

vi.mock('node:fs/promises', async (original) => ({
  ...(await original<typeof import('node:fs/promises')>()),
  link: async () => {
    throw Object.assign(new Error('no links here'), { code: 'EOPNOTSUPP' });
  },
}));

// The same deaths and the same two writers, on a file system without hard links.
await import('./lake-crash.test.ts');
