import { afterAll, describe } from 'vitest';
import { openStore } from '../../src/lake/stores/index.ts';
import { dyingRuns } from '../support/dying-runs.ts';
import { type RemoteService, remoteServices } from '../support/remote-stores.ts';

for (const { name, isAvailable, start } of remoteServices) {
  describe.skipIf(!isAvailable)(name, () => {
    let started: Promise<RemoteService> | undefined;
    const service = () => (started ??= start());
    afterAll(async () => (await started)?.stop());

    const open = async (scratchDir: string) => {
      const { url, settings } = await (await service()).place();
      return openStore(url, { settings, scratchDir });
    };
    dyingRuns(name, open, 5);
  });
}
