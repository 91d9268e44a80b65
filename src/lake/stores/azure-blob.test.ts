import { afterAll, describe } from 'vitest';
import { objectStoreConformance } from '../../../test/conformance/object-store.ts';
import { azuriteAvailable, startAzurite, type TestAzurite } from '../../../test/support/azurite.ts';
import { temporaryFolder } from '../../../test/support/lake-pages.ts';
import { storeBelow } from './below.ts';
import { openStore } from './index.ts';
import type { OpenStoreOptions } from './store-kind.ts';

describe.skipIf(!azuriteAvailable())('Azurite', () => {
  let started: Promise<TestAzurite> | undefined;
  const azurite = () => (started ??= startAzurite());
  afterAll(async () => (await started)?.stop());

  async function opened(options: OpenStoreOptions = {}) {
    const { url, settings } = await (await azurite()).place();
    return openStore(url, { scratchDir: temporaryFolder(), settings, ...options });
  }

  objectStoreConformance('Azure Blob Storage', opened, async (copiesBytes) => {
    const fetched: string[] = [];
    return { store: await opened({ copiesBytes, onFetch: (key) => fetched.push(key) }), fetched };
  });
  objectStoreConformance('a folder of Azure Blob Storage', async () => storeBelow(await opened(), 'tenant_id=x'));
});
