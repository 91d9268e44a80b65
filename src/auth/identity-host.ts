import { Secret } from '../runtime/secret.ts';

/** What on this machine gives the tokens of its managed identity. */
export type IdentityHost =
  /** App Service, Functions, Container Apps. */
  | { readonly kind: 'app-service'; readonly endpoint: string; readonly header: Secret }
  /** The metadata service of virtual machines and scale sets. */
  | { readonly kind: 'metadata'; readonly endpoint: string };

const METADATA_HOST = 'http://169.254.169.254';
const METADATA_PATH = '/metadata/identity/oauth2/token';

/**
 * What Azure says in the environment about where tokens are; without a word it is the metadata service.
 *
 * @see https://learn.microsoft.com/en-us/azure/app-service/overview-managed-identity#rest-endpoint-reference
 * @see https://learn.microsoft.com/en-us/entra/identity/managed-identities-azure-resources/how-to-use-vm-token#get-a-token-using-http
 */
export function identityHost(environment: Readonly<Record<string, string | undefined>>): IdentityHost {
  const { IDENTITY_ENDPOINT: endpoint, IDENTITY_HEADER: header } = environment;
  if (endpoint && header) return { kind: 'app-service', endpoint, header: new Secret(header) };
  // The place of the metadata service behind a proxy of pods, as Azure's own libraries read it.
  const host = (environment['AZURE_POD_IDENTITY_AUTHORITY_HOST'] || METADATA_HOST).replace(/\/+$/, '');
  return { kind: 'metadata', endpoint: `${host}${METADATA_PATH}` };
}
