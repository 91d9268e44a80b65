import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { ContainerClient, StorageSharedKeyCredential } from '@azure/storage-blob';
import { isSluiceError } from '../../errors/sluice-error.ts';
import { type Runtime, systemRuntime } from '../../runtime/runtime.ts';
import { Secret } from '../../runtime/secret.ts';
import { storeErrors } from '../errors.ts';
import { isKey } from './key.ts';
import { meaningOfStatus } from './meaning-of-status.ts';
import { remoteStore } from './remote.ts';
import type { Failure, ListedPage, Meaning, ObjectClient } from './remote-client.ts';
import type { OpenStoreOptions, StoreKind, StorePlace, StoreSetting } from './store-kind.ts';
import { storePackage } from './store-package.ts';

const FORM = 'az://account/container/prefix or https://account.blob.core.windows.net/container/prefix';

/** Identities of Azure; anything else is the client id of one that is assigned to this machine. */
const SYSTEM = 'system';
const DEFAULT_CHAIN = 'default';

const settings = {
  azure_connection_string: {
    says: 'connection string of the storage account',
    isSecret: true,
    variable: 'AZURE_STORAGE_CONNECTION_STRING',
  },
  azure_sas_token: {
    says: 'shared access signature (SAS) of the container or the account, with the permissions read, add, create, write, delete and list',
    isSecret: true,
    variable: 'AZURE_STORAGE_SAS_TOKEN',
  },
  azure_account_key: { says: 'key of the storage account', isSecret: true, variable: 'AZURE_STORAGE_KEY' },
  azure_identity: {
    says: `who signs in where none of these is given: "${SYSTEM}", the identity that Azure gives this machine (default); the client id of one that is assigned to it; or "${DEFAULT_CHAIN}", whatever @azure/identity finds (az login, workload identity)`,
    isSecret: false,
  },
  azure_endpoint: {
    says: 'URL of the blob service of the account, where it is not https://ACCOUNT.blob.core.windows.net',
    isSecret: false,
  },
} as const satisfies Readonly<Record<string, StoreSetting>>;

type SettingName = keyof typeof settings;

/**
 * Azure Blob Storage, also with a hierarchical namespace: its blob service is all that is used.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/put-blob (If-None-Match: 409 BlobAlreadyExists)
 */
export const azureBlob: StoreKind = {
  schemes: ['az', 'https'],
  form: FORM,
  lasts: true,
  settings,
  dependencies: { '@azure/storage-blob': '12.32.0' },
  read: readPlace,
  async open({ place, ...options }) {
    return remoteStore(await openClient(partsOf(place), options), options);
  },
};

const IDENTITY_PACKAGE = { '@azure/identity': '4.13.1' } as const;

interface Place {
  readonly account: string;
  /** Undefined: that of the public cloud. */
  readonly host?: string | undefined;
  readonly container: string;
  readonly prefix: string;
}

/**
 * Where storage accounts of Microsoft's clouds answer: a token goes nowhere else unless it is told to.
 *
 * @see https://learn.microsoft.com/azure/storage/common/storage-account-overview#storage-account-endpoints
 */
const HOSTS =
  /^([a-z0-9]{3,24})\.(?:z\d+\.)?blob\.(?:core\.windows\.net|core\.chinacloudapi\.cn|core\.usgovcloudapi\.net|storage\.azure\.net)$/;
const ACCOUNT = /^[a-z0-9]{3,24}$/;
const CONTAINER = /^(?=.{3,63}$)[a-z0-9]+(?:-[a-z0-9]+)*$/;

function readPlace(url: string): StorePlace {
  if (/[?#]/.test(url))
    return {
      problem: 'The URL of a lake holds no signature: give a SAS as lake.azure_sas_token or AZURE_STORAGE_SAS_TOKEN.',
    };
  const [, scheme = '', host = '', path = ''] = /^([a-z]+):\/\/([^/]*)(?:\/(.*))?$/i.exec(url) ?? [];
  const isHttps = scheme.toLowerCase() === 'https';
  const account = isHttps ? HOSTS.exec(host.toLowerCase())?.[1] : host;
  if (account === undefined || !ACCOUNT.test(account))
    return {
      problem: isHttps ? 'This is no host of a storage account of Azure.' : 'The URL names no storage account.',
    };
  const [container = '', ...rest] = path.replace(/\/+$/, '').split('/');
  if (!CONTAINER.test(container)) return { problem: 'The URL names no container behind the storage account.' };
  const prefix = rest.join('/');
  if (prefix !== '' && !isKey(prefix)) return { problem: 'What stands behind the container is no prefix of names.' };
  const start = isHttps ? `https://${host.toLowerCase()}` : `az://${account}`;
  return { place: [start, container, ...rest].join('/') };
}

function partsOf(place: string): Place {
  const [, scheme, host = '', container = '', prefix = ''] =
    /^(\w+):\/\/([^/]+)\/([^/]+)(?:\/(.*))?$/.exec(place) ?? [];
  if (scheme === 'az') return { account: host, container, prefix };
  return { account: host.slice(0, host.indexOf('.')), host, container, prefix };
}

async function openClient(place: Place, options: OpenStoreOptions): Promise<ObjectClient> {
  const { account, container: containerName, prefix } = place;
  const description = ['az:/', account, containerName, ...(prefix === '' ? [] : [prefix])].join('/');
  const sdk = await storePackage(() => import('@azure/storage-blob'), azureBlob.dependencies, description);
  const { storeTransport } = await import('./store-transport.ts');
  const transport = storeTransport('azure-blob', options.network);
  const pipelineOptions = {
    // Repeats are ours: they know what a lost answer means.
    retryOptions: { maxTries: 1 },
    httpClient: {
      async sendRequest(request: AzureRequest) {
        const { method, url, body } = request;
        const { abortSignal } = request;
        const signal = abortSignal instanceof AbortSignal ? abortSignal : undefined;
        const answer = await transport.send({ method, url, headers: request.headers.toJson(), body }, signal);
        const isStream = request.streamResponseStatusCodes?.has(answer.status) === true;
        return {
          request,
          status: answer.status,
          headers: { toJson: () => answer.headers },
          ...(isStream
            ? { readableStreamBody: Readable.from([answer.body], { objectMode: false }) }
            : { bodyAsText: Buffer.from(answer.body).toString() }),
        } as unknown as AzureResponse;
      },
    },
  };
  const container = await containerOf(sdk, {
    place,
    options,
    pipelineOptions,
    description,
    send: transport.transport.send,
  });
  return azureClient(container, description, prefix === '' ? '' : `${prefix}/`);
}

type Sdk = typeof import('@azure/storage-blob');
type AzureRequest = Parameters<import('@azure/storage-blob').IHttpClient['sendRequest']>[0];
type AzureResponse = Awaited<ReturnType<import('@azure/storage-blob').IHttpClient['sendRequest']>>;

interface Opening {
  readonly place: Place;
  readonly options: OpenStoreOptions;
  readonly pipelineOptions: import('@azure/storage-blob').StoragePipelineOptions;
  readonly description: string;
  readonly send: import('../../http/types.ts').Send;
}

/** Signs in by what is given: a connection string, a SAS, a key; else by an identity. */
async function containerOf(sdk: Sdk, opening: Opening): Promise<ContainerClient> {
  const { place, options, pipelineOptions } = opening;
  const secret = (name: SettingName): string | undefined => {
    const value = options.settings?.[name];
    return value instanceof Secret ? value.reveal() : undefined;
  };
  const connection = secret('azure_connection_string');
  const sas = secret('azure_sas_token')?.trim().replace(/^\?/, '');
  const key = secret('azure_account_key');
  if (connection !== undefined) {
    const client = made(
      'azure_connection_string',
      () => new sdk.ContainerClient(connection, place.container, pipelineOptions),
    );
    if (client.accountName !== '' && client.accountName !== place.account)
      throw storeErrors.store_setting_invalid({
        setting: 'azure_connection_string' satisfies SettingName,
        problem: `it is of the account ${client.accountName}, the URL names ${place.account}`,
      });
    return client;
  }
  const endpoint = endpointOf(place, options);
  const url = `${endpoint}/${place.container}`;
  if (sas !== undefined)
    return made(
      'azure_sas_token',
      () => new sdk.ContainerClient(`${url}?${sas}`, new sdk.AnonymousCredential(), pipelineOptions),
    );
  if (key !== undefined)
    return made(
      'azure_account_key',
      () => new sdk.ContainerClient(url, sharedKey(sdk, place.account, key), pipelineOptions),
    );
  return new sdk.ContainerClient(url, await identityOf(opening), pipelineOptions);
}

const sharedKey = (sdk: Sdk, account: string, key: string): StorageSharedKeyCredential =>
  new sdk.StorageSharedKeyCredential(account, key);

/** What the library says of a value that it cannot use may quote it. */
function made<T>(setting: SettingName, make: () => T): T {
  try {
    return make();
  } catch {
    throw storeErrors.store_setting_invalid({ setting, problem: 'it is not of its form' });
  }
}

function endpointOf({ account, host }: Place, { settings: given }: OpenStoreOptions): string {
  const text = given?.['azure_endpoint' satisfies SettingName];
  if (typeof text !== 'string') return `https://${host ?? `${account}.blob.core.windows.net`}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isOwn = ['localhost', '127.0.0.1', '[::1]'].includes(url?.hostname ?? '');
  const isUsable = url?.protocol === 'https:' || (url?.protocol === 'http:' && isOwn);
  if (url && isUsable && url.search === '' && url.hash === '' && url.username === '')
    return url.href.replace(/\/+$/, '');
  throw storeErrors.store_setting_invalid({
    setting: 'azure_endpoint' satisfies SettingName,
    problem: 'it is no https URL (plain http is for this machine alone)',
  });
}

/** What the blob service of every cloud is asked for. */
const AUDIENCE = 'https://storage.azure.com';

async function identityOf({ options, send, description }: Opening) {
  const said = options.settings?.['azure_identity' satisfies SettingName] ?? SYSTEM;
  if (said === DEFAULT_CHAIN) {
    const identity = await storePackage(() => import('@azure/identity'), IDENTITY_PACKAGE, description);
    return new identity.DefaultAzureCredential();
  }
  const [{ identityHost }, { managedIdentityTokens }, { createTokenSource }] = await Promise.all([
    import('../../auth/identity-host.ts'),
    import('../../auth/managed-identity.ts'),
    import('../../auth/token-source.ts'),
  ]);
  const { runtime = systemRuntime, environment = process.env } = options;
  const clientId = typeof said === 'string' && said !== SYSTEM ? said : undefined;
  const credential = { kind: 'managed-identity', clientId, host: identityHost(environment) } as const;
  const fetchToken = managedIdentityTokens({ credential, audience: AUDIENCE, send, runtime });
  const source = createTokenSource({ fetchToken, runtime: runtime satisfies Runtime });
  return {
    async getToken() {
      const { value, expiresAtMs } = await source.token();
      return { token: value.reveal(), expiresOnTimestamp: expiresAtMs };
    },
  };
}

/** Names of metadata are identifiers of C#. */
const WRITE_ID = 'sluicewrite';
/** Of a batch; of a page of a list. */
const MOST_DELETES = 256;
const PAGE = 5_000;

function azureClient(container: ContainerClient, description: string, prefix: string): ObjectClient {
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
