import { afterAll, describe } from 'vitest';
import { objectStoreConformance } from '../../../test/conformance/object-store.ts';
import { temporaryFolder } from '../../../test/support/lake-pages.ts';
import { s3Available, startS3, type TestS3 } from '../../../test/support/s3.ts';
import { storeBelow } from './below.ts';
import { openStore } from './index.ts';
import type { OpenStoreOptions } from './store-kind.ts';

describe.skipIf(!s3Available())('an S3 server', () => {
  let started: Promise<TestS3> | undefined;
  const server = () => (started ??= startS3());
  afterAll(async () => (await started)?.stop());

  async function opened(options: OpenStoreOptions = {}) {
    const { url, settings } = await (await server()).place();
    return openStore(url, { scratchDir: temporaryFolder(), settings, ...options });
  }

  objectStoreConformance('S3', opened, async (copiesBytes) => {
    const fetched: string[] = [];
    return { store: await opened({ copiesBytes, onFetch: (key) => fetched.push(key) }), fetched };
  });
  objectStoreConformance('a folder of S3', async () => storeBelow(await opened(), 'tenant_id=x'));
});
