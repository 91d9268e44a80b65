import { azuriteAvailable, startAzurite } from './azurite.ts';
import type { RemotePlace } from './remote-place.ts';
import { s3Available, startS3 } from './s3.ts';

/** A service of objects that tests start. */
export interface RemoteService {
  /** An empty lake in a container of its own. */
  place(): Promise<RemotePlace>;
  stop(): void;
}

/** Every kind of store that is elsewhere, for real. */
export const remoteServices: readonly {
  readonly name: string;
  readonly isAvailable: boolean;
  start(): Promise<RemoteService>;
}[] = [
  { name: 'Azure Blob Storage', isAvailable: azuriteAvailable(), start: () => startAzurite() },
  { name: 'S3', isAvailable: s3Available(), start: startS3 },
];
