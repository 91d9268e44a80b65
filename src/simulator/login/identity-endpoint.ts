import type { World } from '../graph/world.ts';
import { json, type TwinAnswer, type TwinRequest } from '../protocol/exchange.ts';
import type { TwinServiceKind } from '../service.ts';
import type { AppRegistration } from './app-registration.ts';
import { graphAudience } from './token-issuer.ts';

/** Where App Service and the metadata service of a virtual machine answer. */
const APP_SERVICE = '/msi/token';
const METADATA = '/metadata/identity/oauth2/token';

/** Whom its tokens are for: Graph, and blobs, which the twin has none of. */
const AUDIENCES: readonly string[] = [graphAudience, 'https://storage.azure.com'];

/**
 * The endpoints that give tokens of the machine's managed identity, as App Service and the metadata service have them.
 *
 * @see https://learn.microsoft.com/en-us/azure/app-service/overview-managed-identity#rest-endpoint-reference
 * @see https://learn.microsoft.com/en-us/entra/identity/managed-identities-azure-resources/how-to-use-vm-token
 */
export const identityService: TwinServiceKind<unknown> = (world) => ({
  has: 'a managed identity',
  handle: (request) => {
    if (request.method !== 'GET') return undefined;
    if (request.url.pathname === APP_SERVICE) return fromAppService(world, world.app, request);
    return request.url.pathname === METADATA ? fromMetadata(world, world.app, request) : undefined;
  },
  // One signs in by it only where that is asked for: see `identityEnv`.
  env: () => ({}),
});

/** Settings with which Azure's libraries and Sluice find the endpoint of a twin at `url`. */
export const identityEnv = (app: AppRegistration, url: string) => ({
  TEAMS_MANAGED_IDENTITY: 'system',
  IDENTITY_ENDPOINT: `${url}${APP_SERVICE}`,
  IDENTITY_HEADER: app.clientSecret.reveal(),
});

async function fromAppService(world: World, app: AppRegistration, { url, header }: TwinRequest): Promise<TwinAnswer> {
  if (header('x-identity-header') !== app.clientSecret.reveal()) return json(401, { statusCode: 401 });
  const token = await tokenFor(world, app, url);
  return token === undefined
    ? json(400, {
        statusCode: 400,
        message: 'No User Assigned or Delegated Managed Identity found for specified ClientId',
      })
    : json(200, { ...token, client_id: app.clientId });
}

async function fromMetadata(world: World, app: AppRegistration, { url, header }: TwinRequest): Promise<TwinAnswer> {
  if (header('metadata') !== 'true') {
    return json(400, { error: 'invalid_request', error_description: 'Required metadata header not specified' });
  }
  const token = await tokenFor(world, app, url);
  const expires_in = String(world.issuer.lifetimeSeconds);
  return token === undefined
    ? json(400, { error: 'invalid_request', error_description: 'Identity not found' })
    : json(200, { ...token, client_id: app.clientId, expires_in, ext_expires_in: expires_in, not_before: '0' });
}

async function tokenFor({ issuer, tenant, runtime, behaviour, counts }: World, app: AppRegistration, url: URL) {
  counts.tokens++;
  const wanted = url.searchParams.get('client_id');
  if (wanted !== null && wanted !== app.clientId) return undefined;
  const resource = url.searchParams.get('resource');
  const audience = AUDIENCES.find((one) => one === resource?.replace(/\/$/, ''));
  if (audience === undefined) return undefined;
  const caller = { clientId: app.clientId, tenantId: tenant.id, roles: app.permissions };
  return {
    access_token: await issuer.issue(caller, behaviour.accessTokens, audience),
    expires_on: String(Math.floor(runtime.now() / 1000) + issuer.lifetimeSeconds),
    resource,
    token_type: 'Bearer',
  };
}
