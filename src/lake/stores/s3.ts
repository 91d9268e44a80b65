import { Readable } from 'node:stream';
import type { S3Client, S3ClientConfig } from '@aws-sdk/client-s3';
import { Secret } from '../../runtime/secret.ts';
import { storeErrors } from '../store-errors.ts';
import { isKey } from './key.ts';
import { meaningOfStatus } from './meaning-of-status.ts';
import { remoteStore } from './remote.ts';
import type { Failure, Meaning, ObjectClient } from './remote-client.ts';
import type { OpenStoreOptions, StoreKind, StorePlace, StoreSetting } from './store-kind.ts';
import { storePackage } from './store-package.ts';

const settings = {
  s3_endpoint: { says: 'URL of an S3-compatible service; default: that of AWS', isSecret: false },
  s3_region: { says: 'region of the bucket; default: as the AWS tools find it', isSecret: false },
  s3_path_style: {
    says: 'the bucket stands in the path and not in the host; default: true with an endpoint, else false',
    isSecret: false,
    form: 'boolean',
  },
  s3_access_key_id: { says: 'access key; default: credentials as the AWS tools find them', isSecret: true },
  s3_secret_access_key: { says: 'secret of the access key', isSecret: true },
  s3_session_token: { says: 'token of temporary credentials', isSecret: true },
} as const satisfies Readonly<Record<string, StoreSetting>>;

type SettingName = keyof typeof settings;

/**
 * Amazon S3, and services that speak as it does and honour conditional writes.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
export const s3: StoreKind = {
  schemes: ['s3'],
  form: 's3://bucket/prefix',
  lasts: true,
  settings,
  dependencies: { '@aws-sdk/client-s3': '3.1169.0' },
  read: readPlace,
  async open({ place, ...options }) {
    return remoteStore(await openClient(place, options), options);
  },
};

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

function readPlace(url: string): StorePlace {
  if (/[?#]/.test(url)) return { problem: 'The URL of a lake holds no signature.' };
  const [, bucket = '', path = ''] = /^s3:\/\/([^/]*)(?:\/(.*))?$/i.exec(url) ?? [];
  if (!BUCKET.test(bucket)) return { problem: 'The URL names no bucket.' };
  const prefix = path.replace(/\/+$/, '');
  if (prefix !== '' && !isKey(prefix)) return { problem: 'What stands behind the bucket is no prefix of names.' };
  return { place: ['s3:/', bucket, ...(prefix === '' ? [] : [prefix])].join('/') };
}

type Sdk = typeof import('@aws-sdk/client-s3');

async function openClient(place: string, options: OpenStoreOptions): Promise<ObjectClient> {
  const [bucket = '', ...rest] = place.slice('s3://'.length).split('/');
  const sdk = await storePackage(() => import('@aws-sdk/client-s3'), s3.dependencies, place);
  const client = new sdk.S3Client(await configOf(options));
  await client.config.region().catch(() => {
    throw invalid('s3_region', 'no region is set, here or in AWS_REGION');
  });
  await client.config.credentials().catch(() => {
    throw storeErrors.store_credential_missing({ lake: place });
  });
  const prefix = rest.length === 0 ? '' : `${rest.join('/')}/`;
  return s3Client(sdk, client, {
    bucket,
    prefix,
    description: place,
    isAws: said(options, 's3_endpoint') === undefined,
  });
}

function said({ settings: given }: OpenStoreOptions, name: SettingName): string | undefined {
  const value = given?.[name];
  return value instanceof Secret ? value.reveal() : typeof value === 'string' ? value : undefined;
}

const invalid = (setting: SettingName, problem: string) => storeErrors.store_setting_invalid({ setting, problem });

async function configOf(options: OpenStoreOptions): Promise<S3ClientConfig> {
  const endpoint = said(options, 's3_endpoint');
  if (endpoint !== undefined && !/^https?:$/.test(URL.canParse(endpoint) ? new URL(endpoint).protocol : ''))
    throw invalid('s3_endpoint', 'it is no http or https URL');
  const { environment = process.env } = options;
  const region = said(options, 's3_region') ?? environment['AWS_REGION'] ?? environment['AWS_DEFAULT_REGION'];
  const pathStyle = options.settings?.['s3_path_style' satisfies SettingName];
  const config: S3ClientConfig = {
    // Repeats are ours: they know what a lost answer means.
    maxAttempts: 1,
    forcePathStyle: typeof pathStyle === 'boolean' ? pathStyle : endpoint !== undefined,
    requestHandler: await handlerOf(options),
  };
  if (region || endpoint !== undefined) config.region = region || 'us-east-1';
  if (endpoint !== undefined) {
    config.endpoint = endpoint;
    // Services that speak as S3 did before 2025 refuse its newer checksums.
    config.requestChecksumCalculation = 'WHEN_REQUIRED';
    config.responseChecksumValidation = 'WHEN_REQUIRED';
  }
  const accessKeyId = said(options, 's3_access_key_id');
  const secretAccessKey = said(options, 's3_secret_access_key');
  if ((accessKeyId === undefined) !== (secretAccessKey === undefined))
    throw invalid(accessKeyId === undefined ? 's3_access_key_id' : 's3_secret_access_key', 'one needs the other');
  if (accessKeyId !== undefined && secretAccessKey !== undefined) {
    const sessionToken = said(options, 's3_session_token');
    const pair = { accessKeyId, secretAccessKey };
    config.credentials = sessionToken === undefined ? pair : { ...pair, sessionToken };
  }
  return config;
}

type Handler = NonNullable<S3ClientConfig['requestHandler']>;

/** A request as the library hands it to whoever sends it. */
interface LibraryRequest {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number | undefined;
  readonly path: string;
  readonly query?: Query;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** What the library signed goes out as everything of Sluice does: its proxies, its trust. */
async function handlerOf({ network }: OpenStoreOptions): Promise<Handler> {
  const { storeTransport } = await import('./store-transport.ts');
  const transport = storeTransport('s3', network);
  return {
    async handle(request: LibraryRequest, { abortSignal }: { readonly abortSignal?: unknown } = {}) {
      const { protocol, hostname, port, path, query, method, headers, body } = request;
      const url = `${protocol}//${hostname}${port === undefined ? '' : `:${port}`}${path}${queryOf(query)}`;
      const signal = abortSignal instanceof AbortSignal ? abortSignal : undefined;
      const answer = await transport.send({ method, url, headers, body }, signal);
      const content = Readable.from(answer.body.length === 0 ? [] : [answer.body], { objectMode: false });
      return { response: { statusCode: answer.status, headers: { ...answer.headers }, body: content } };
    },
    updateHttpClientConfig: () => undefined,
    httpHandlerConfigs: () => ({}),
  } as unknown as Handler;
}

type Query = Readonly<Record<string, string | readonly string[] | null>>;

/** As it was signed: what RFC 3986 does not let stand is encoded. */
function queryOf(query: Query = {}): string {
  const encoded = (text: string) =>
    encodeURIComponent(text).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    [value ?? ''].flat().map((one) => `${encoded(name)}=${encoded(one)}`),
  );
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

const WRITE_ID = 'sluicewrite';
/** Of a request to delete, and of a page of a list. */
const MOST_KEYS = 1_000;

interface Opened {
  readonly bucket: string;
  readonly prefix: string;
  readonly description: string;
  readonly isAws: boolean;
}

function s3Client(sdk: Sdk, client: S3Client, { bucket: Bucket, prefix, description, isAws }: Opened): ObjectClient {
  return {
    description,
    prefix,
    deletesAtOnce: MOST_KEYS,
    isConditional: isAws,
    failureOf,
    async facts(Key, signal) {
      const found = await client.send(new sdk.HeadObjectCommand({ Bucket, Key }), aborting(signal));
      return { size: found.ContentLength ?? 0, etag: found.ETag ?? '', writeId: found.Metadata?.[WRITE_ID] };
    },
    async read(Key, { start, end, etag: IfMatch }, signal) {
      const asked = { Bucket, Key, Range: `bytes=${start}-${end - 1}`, IfMatch };
      const found = await client.send(new sdk.GetObjectCommand(asked), aborting(signal));
      const bytes = (await found.Body?.transformToByteArray()) ?? new Uint8Array();
      const total = /\/(\d+)$/.exec(found.ContentRange ?? '')?.[1];
      const etag = found.ETag ?? '';
      // A service that knows no ranges gives the whole.
      if (total === undefined) return { bytes: bytes.subarray(start, end), size: bytes.length, etag };
      return { bytes, size: Number(total), etag };
    },
    async write(Key, Body, { writeId, ifAbsent }, signal) {
      const asked = { Bucket, Key, Body, ContentLength: Body.length, Metadata: { [WRITE_ID]: writeId } };
      await client.send(new sdk.PutObjectCommand(ifAbsent ? { ...asked, IfNoneMatch: '*' } : asked), aborting(signal));
    },
    async blocks(Key, { writeId }, signal) {
      const Metadata = { [WRITE_ID]: writeId };
      const begun = await client.send(
        new sdk.CreateMultipartUploadCommand({ Bucket, Key, Metadata }),
        aborting(signal),
      );
      const asked = { Bucket, Key, UploadId: begun.UploadId };
      const parts = new Map<number, { readonly PartNumber: number; readonly ETag: string | undefined }>();
      return {
        async put(at, Body, inner) {
          const PartNumber = at + 1;
          const one = { ...asked, PartNumber, Body, ContentLength: Body.length };
          const { ETag } = await client.send(new sdk.UploadPartCommand(one), aborting(inner));
          parts.set(at, { PartNumber, ETag });
        },
        async commit(inner) {
          const Parts = [...parts].sort(([a], [b]) => a - b).map(([, part]) => part);
          await client.send(
            new sdk.CompleteMultipartUploadCommand({ ...asked, MultipartUpload: { Parts } }),
            aborting(inner),
          );
        },
        abort: async () => {
          await client.send(new sdk.AbortMultipartUploadCommand(asked));
        },
      };
    },
    async copy(from, Key, signal) {
      const CopySource = [Bucket, ...from.split('/')].map(encodeURIComponent).join('/');
      await client.send(new sdk.CopyObjectCommand({ Bucket, Key, CopySource }), aborting(signal));
    },
    async list(Prefix, { isFlat, startAfter: StartAfter, from: ContinuationToken }, signal) {
      const asked = { Bucket, Prefix, StartAfter, ContinuationToken, MaxKeys: MOST_KEYS };
      const found = await client.send(
        new sdk.ListObjectsV2Command(isFlat ? asked : { ...asked, Delimiter: '/' }),
        aborting(signal),
      );
      return {
        objects: (found.Contents ?? []).map(({ Key = '', Size = 0, LastModified }) => ({
          key: Key,
          size: Size,
          modifiedAtMs: LastModified?.getTime() ?? 0,
        })),
        prefixes: (found.CommonPrefixes ?? []).map(({ Prefix: found = '' }) => found),
        next: found.IsTruncated === true ? found.NextContinuationToken : undefined,
      };
    },
    async delete(keys, signal) {
      if (keys.length === 1) {
        await client.send(new sdk.DeleteObjectCommand({ Bucket, Key: keys[0] }), aborting(signal));
        return;
      }
      const Delete = { Objects: keys.map((Key) => ({ Key })), Quiet: true };
      const { Errors = [] } = await client.send(new sdk.DeleteObjectsCommand({ Bucket, Delete }), aborting(signal));
      const failed = Errors.find(({ Code }) => Code !== 'NoSuchKey');
      if (failed) throw Object.assign(new Error(), { name: failed.Code });
    },
  };
}

const aborting = (signal: AbortSignal | undefined) => (signal ? { abortSignal: signal } : {});

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList */
const BY_CODE: Readonly<Record<string, Meaning>> = {
  AccessDenied: 'denied',
  // Of an object that somebody else writes or deletes at this moment.
  ConditionalRequestConflict: 'again',
  CredentialsProviderError: 'denied',
  ExpiredToken: 'denied',
  InternalError: 'again',
  InvalidAccessKeyId: 'denied',
  InvalidRange: 'beyond',
  InvalidToken: 'denied',
  NoSuchBucket: 'container_missing',
  NoSuchKey: 'absent',
  NoSuchUpload: 'absent',
  NotFound: 'absent',
  OperationAborted: 'again',
  PreconditionFailed: 'changed',
  RequestTimeout: 'again',
  RequestTimeTooSkewed: 'denied',
  ServiceUnavailable: 'again',
  SignatureDoesNotMatch: 'denied',
  SlowDown: 'again',
  TokenRefreshRequired: 'denied',
};

function failureOf(error: unknown): Failure {
  const { name, $metadata, $response } = error as {
    readonly name?: unknown;
    readonly $metadata?: { readonly httpStatusCode?: number };
    readonly $response?: { readonly headers?: Readonly<Record<string, string>> };
  };
  const known = typeof name === 'string' && /^[A-Za-z][A-Za-z0-9]{0,63}$/.test(name) ? name : undefined;
  const status = $metadata?.httpStatusCode;
  const waitMs = Number($response?.headers?.['retry-after']) * 1000;
  return {
    meaning: (known && BY_CODE[known]) || meaningOfStatus(status),
    reason: known ?? `status ${Number(status)}`,
    waitMs: Number.isFinite(waitMs) && waitMs >= 0 ? waitMs : undefined,
  };
}
