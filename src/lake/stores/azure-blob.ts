import { Readable } from 'node:stream';
import { azureClient } from './azure-client.ts';
import { AZURE_FORM, type AzurePlace, azurePartsOf, readAzurePlace } from './azure-place.ts';
import { azureSettings, containerOf } from './azure-sign-in.ts';
import { remoteStore } from './remote.ts';
import type { ObjectClient } from './remote-client.ts';
import type { OpenStoreOptions, StoreKind } from './store-kind.ts';
import { storePackage } from './store-package.ts';

/**
 * Azure Blob Storage, also with a hierarchical namespace: its blob service is all that is used.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/put-blob (If-None-Match: 409 BlobAlreadyExists)
 */
export const azureBlob: StoreKind = {
  schemes: ['az', 'https'],
  form: AZURE_FORM,
  lasts: true,
  settings: azureSettings,
  dependencies: { '@azure/storage-blob': '12.32.0' },
  read: readAzurePlace,
  async open({ place, ...options }) {
    return remoteStore(await openClient(azurePartsOf(place), options), options);
  },
};

async function openClient(place: AzurePlace, options: OpenStoreOptions): Promise<ObjectClient> {
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

type AzureRequest = Parameters<import('@azure/storage-blob').IHttpClient['sendRequest']>[0];
type AzureResponse = Awaited<ReturnType<import('@azure/storage-blob').IHttpClient['sendRequest']>>;
