import { buffer } from 'node:stream/consumers';
import type { ContainerClient } from '@azure/storage-blob';
import { isSluiceError } from '../../errors/sluice-error.ts';
import { meaningOfStatus } from './meaning-of-status.ts';
import type { Failure, ListedPage, Meaning, ObjectClient } from './remote-client.ts';

/** Names of metadata are identifiers of C#. */
const WRITE_ID = 'sluicewrite';
/** Of a batch; of a page of a list. */
const MOST_DELETES = 256;
const PAGE = 5_000;

/** What a store asks of its service, asked of a container. */
export function azureClient(container: ContainerClient, description: string, prefix: string): ObjectClient {
  const blob = (key: string) => container.getBlockBlobClient(key);
  return {
    description,
    prefix,
    deletesAtOnce: MOST_DELETES,
    isConditional: true,
    failureOf,
    async facts(key, signal) {
      const found = await blob(key).getProperties(aborting(signal));
      return { size: found.contentLength ?? 0, etag: found.etag ?? '', writeId: found.metadata?.[WRITE_ID] };
    },
    async read(key, { start, end, etag }, signal) {
      const found = await blob(key).download(start, end - start, {
        ...aborting(signal),
        conditions: etag === undefined ? {} : { ifMatch: etag },
        maxRetryRequests: 0,
      });
      const bytes = await buffer(found.readableStreamBody!);
      const total = /\/(\d+)$/.exec(found.contentRange ?? '')?.[1];
      return { bytes, size: total === undefined ? bytes.length : Number(total), etag: found.etag ?? '' };
    },
    async write(key, bytes, { writeId, ifAbsent }, signal) {
      await blob(key).upload(bytes, bytes.length, {
        ...aborting(signal),
        metadata: { [WRITE_ID]: writeId },
        conditions: ifAbsent ? { ifNoneMatch: '*' } : {},
      });
    },
    async blocks(key, { writeId }) {
      const ids = new Map<number, string>();
      const idOf = (at: number) => Buffer.from(`${writeId}-${String(at).padStart(6, '0')}`).toString('base64');
      return {
        async put(at, bytes, inner) {
          await blob(key).stageBlock(idOf(at), bytes, bytes.length, aborting(inner));
          ids.set(at, idOf(at));
        },
        async commit(inner) {
          const ordered = [...ids].sort(([a], [b]) => a - b).map(([, id]) => id);
          await blob(key).commitBlockList(ordered, { ...aborting(inner), metadata: { [WRITE_ID]: writeId } });
        },
        // The service forgets blocks that nobody commits.
        abort: async () => undefined,
      };
    },
    async copy(from, to, signal) {
      const copying = await blob(to).beginCopyFromURL(blob(from).url, { ...aborting(signal), intervalInMs: 500 });
      const { copyStatus } = await copying.pollUntilDone();
      if (copyStatus !== 'success') throw Object.assign(new Error(), { statusCode: 503, code: 'CopyFailed' });
    },
    async list(inside, { isFlat, from }, signal) {
      const asked = { prefix: inside, includeMetadata: true, ...aborting(signal) };
      const pageOf = from === undefined ? { maxPageSize: PAGE } : { maxPageSize: PAGE, continuationToken: from };
      const pages = isFlat
        ? container.listBlobsFlat(asked).byPage(pageOf)
        : container.listBlobsByHierarchy('/', asked).byPage(pageOf);
      const { value } = await pages.next();
      return pageFrom(value);
    },
    async delete(keys, signal) {
      if (keys.length === 1) {
        await blob(keys[0]!).deleteIfExists(aborting(signal));
        return;
      }
      const { subResponses } = await container.getBlobBatchClient().deleteBlobs(keys.map(blob), aborting(signal));
      const failed = subResponses.find(({ status }) => status >= 300 && status !== 404);
      if (failed) throw Object.assign(new Error(), { statusCode: failed.status, code: failed.errorCode });
    },
  };
}

const aborting = (signal: AbortSignal | undefined) => (signal ? { abortSignal: signal } : {});

interface AzurePage {
  readonly segment: {
    readonly blobItems: readonly {
      readonly name: string;
      readonly properties: { readonly contentLength?: number; readonly lastModified: Date };
      readonly metadata?: Readonly<Record<string, string>>;
    }[];
    readonly blobPrefixes?: readonly { readonly name: string }[];
  };
  readonly continuationToken?: string;
}

function pageFrom({ segment, continuationToken }: AzurePage): ListedPage {
  // With a hierarchical namespace folders are listed among the blobs.
  const blobs = segment.blobItems.filter(({ metadata }) => metadata?.['hdi_isfolder'] !== 'true');
  return {
    objects: blobs.map(({ name: key, properties }) => ({
      key,
      size: properties.contentLength ?? 0,
      modifiedAtMs: properties.lastModified.getTime(),
    })),
    prefixes: (segment.blobPrefixes ?? []).map(({ name }) => name),
    next: continuationToken || undefined,
  };
}

/** @see https://learn.microsoft.com/rest/api/storageservices/blob-service-error-codes */
const BY_CODE: Readonly<Record<string, Meaning>> = {
  BlobAlreadyExists: 'exists',
  BlobNotFound: 'absent',
  ConditionNotMet: 'changed',
  ContainerBeingDeleted: 'again',
  ContainerNotFound: 'container_missing',
  InvalidRange: 'beyond',
  PendingCopyOperation: 'again',
};
function failureOf(error: unknown): Failure {
  const {
    statusCode: status,
    code,
    response,
  } = error as {
    readonly statusCode?: unknown;
    readonly code?: unknown;
    readonly response?: { readonly headers?: { get?(name: string): string | undefined } };
  };
  const header = (name: string) => response?.headers?.get?.(name);
  const said = header('x-ms-error-code') ?? code;
  const known = typeof said === 'string' && /^[A-Za-z]{1,64}$/.test(said) ? said : undefined;
  const waitMs = Number(header('x-ms-retry-after-ms') ?? Number(header('retry-after')) * 1000);
  return {
    meaning: (known && BY_CODE[known]) || meaningOfStatus(status),
    reason: known ?? (status === undefined ? nameOf(error) : `status ${Number(status)}`),
    waitMs: Number.isFinite(waitMs) && waitMs >= 0 ? waitMs : undefined,
  };
}

/** Of an error that is no answer: its kind, and nothing that it says. */
const nameOf = (error: unknown): string =>
  error instanceof Error && !isSluiceError(error) ? error.constructor.name : 'unexpected';
