import type { ContainerClient, StorageSharedKeyCredential } from '@azure/storage-blob';
import { type Runtime, systemRuntime } from '../../runtime/runtime.ts';
import { Secret } from '../../runtime/secret.ts';
import { storeErrors } from '../store-errors.ts';
import type { AzurePlace } from './azure-place.ts';
import type { OpenStoreOptions, StoreSetting } from './store-kind.ts';
import { storePackage } from './store-package.ts';

/** Identities of Azure; anything else is the client id of one that is assigned to this machine. */
const SYSTEM = 'system';
const DEFAULT_CHAIN = 'default';

/** How a lake on Azure is told who signs in. */
export const azureSettings = {
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

type SettingName = keyof typeof azureSettings;

const IDENTITY_PACKAGE = { '@azure/identity': '4.13.1' } as const;

type Sdk = typeof import('@azure/storage-blob');

interface Opening {
  readonly place: AzurePlace;
  readonly options: OpenStoreOptions;
  readonly pipelineOptions: import('@azure/storage-blob').StoragePipelineOptions;
  readonly description: string;
  readonly send: import('../../http/types.ts').Send;
}

/** Signs in by what is given: a connection string, a SAS, a key; else by an identity. */
export async function containerOf(sdk: Sdk, opening: Opening): Promise<ContainerClient> {
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

function endpointOf({ account, host }: AzurePlace, { settings: given }: OpenStoreOptions): string {
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
