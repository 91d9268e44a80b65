import { createHash } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { type LeaseHost, systemLeaseHost } from '../lake/log/lease-host.ts';
import { makeOwnFolder } from '../lake/stores/private-files.ts';

/** Of this user on this machine: others have theirs. */
export const ownTemporaryFolder = (): string => join(tmpdir(), `sluice-${userInfo().uid}`);

const NAME = /^copies\.(\d+)\.(\d+)\.([0-9a-f]{16})$/;

/**
 * A folder of this process for copies of what lies elsewhere. Those of processes that were killed go: they hold message
 * texts. Of one in another container or of another boot nothing is known; it stays.
 *
 * @throws SluiceError `folder_not_own`, `lake_unwritable`
 */
export async function copiesFolder(
  parent: string = ownTemporaryFolder(),
  host: LeaseHost = systemLeaseHost(),
): Promise<string> {
  const { pid, startedTicks, boot, pidSpace } = host.process;
  const space = createHash('sha256').update(`${boot} ${pidSpace}`).digest('hex').slice(0, 16);
  const own = `copies.${pid}.${startedTicks}.${space}`;
  for (const name of await readdir(parent).catch(() => [])) {
    const [, other, started = '', where] = NAME.exec(name) ?? [];
    if (
      other === undefined ||
      where !== space ||
      boot === undefined ||
      pidSpace === undefined ||
      startedTicks === undefined
    )
      continue;
    const theirs = { host: host.process.host, pid: Number(other), startedTicks: started };
    if (name !== own && !host.isAlive(theirs)) await rm(join(parent, name), { recursive: true, force: true });
  }
  return makeOwnFolder(join(parent, own));
}
