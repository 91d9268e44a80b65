import { isKey } from './key.ts';
import type { StorePlace } from './store-kind.ts';

export const AZURE_FORM = 'az://account/container/prefix or https://account.blob.core.windows.net/container/prefix';

/** A container of a storage account, and where in it. */
export interface AzurePlace {
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

/** Reads the URL of a lake, in either of its forms. */
export function readAzurePlace(url: string): StorePlace {
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

/** The parts of a place that was read. */
export function azurePartsOf(place: string): AzurePlace {
  const [, scheme, host = '', container = '', prefix = ''] =
    /^(\w+):\/\/([^/]+)\/([^/]+)(?:\/(.*))?$/.exec(place) ?? [];
  if (scheme === 'az') return { account: host, container, prefix };
  return { account: host.slice(0, host.indexOf('.')), host, container, prefix };
}
