import { playFaults } from '../faults/play.ts';
import type { World } from '../graph/world.ts';
import type { TwinAnswer, TwinRequest } from '../protocol/exchange.ts';
import { json } from '../protocol/exchange.ts';
import { pathSegments } from '../protocol/route-pattern.ts';
import type { TwinServiceKind } from '../service.ts';
import type { AppRegistration } from './app-registration.ts';
import { checkAssertion, claimedIssuer } from './client-assertion.ts';
import { loginError } from './login-error.ts';
import { botAudience, graphAudience } from './token-issuer.ts';

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/**
 * The identity platform's endpoints: token (client credentials), keys, OpenID metadata, instance discovery.
 *
 * @see https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-client-creds-grant-flow
 */
export const loginService: TwinServiceKind<unknown> = (world) => ({
  has: 'a login endpoint',
  handle: (request) => {
    const [tenant = '', ...rest] = pathSegments(request.url.pathname);
    switch (`${request.method} ${rest.join('/')}`) {
      case 'POST oauth2/v2.0/token':
        return token(world, [world.app, world.bot], tenant, request);
      case 'GET v2.0/.well-known/openid-configuration':
        return Promise.resolve(metadata(world, tenant, request.url));
      case 'GET discovery/v2.0/keys':
        return world.issuer.keys().then((keys) => json(200, keys));
      case 'GET discovery/instance':
        return Promise.resolve(instanceDiscovery(request.url));
      default:
        return undefined;
    }
  },
  env: (url) => ({
    TEAMS_TENANT_ID: world.tenant.id,
    TEAMS_CLIENT_ID: world.app.clientId,
    TEAMS_CLIENT_SECRET: world.app.clientSecret.reveal(),
    TEAMS_LOGIN_URL: url,
  }),
});

async function token(
  world: World,
  apps: readonly AppRegistration[],
  tenant: string,
  request: TwinRequest,
): Promise<TwinAnswer> {
  world.counts.tokens++;
  const id = world.runtime.id();
  const ids = { requestId: id, clientRequestId: id, nowMs: world.clock.now() };
  const play = playFaults(world, request, { service: 'login', path: request.url.pathname }, ids);
  return play.instead() ?? play.change(await grant(world, apps, tenant, request));
}

async function grant(
  world: World,
  apps: readonly AppRegistration[],
  tenant: string,
  request: TwinRequest,
): Promise<TwinAnswer> {
  const { runtime, issuer } = world;
  const form = new URLSearchParams(await request.text());
  const refuse = (...facts: [Parameters<typeof loginError>[1], string]) => loginError(runtime, ...facts);
  if (tenant !== world.tenant.id) {
    return refuse(90002, `Tenant '${tenant}' not found. Check to make sure you have the correct tenant ID.`);
  }
  if (form.get('grant_type') !== 'client_credentials') {
    return refuse(70003, `The app requested an unsupported grant type '${form.get('grant_type') ?? ''}'.`);
  }
  const assertion = form.get('client_assertion');
  const clientId = form.get('client_id') ?? (assertion === null ? undefined : claimedIssuer(assertion));
  if (!clientId) return refuse(900144, "The request body must contain the following parameter: 'client_id'.");
  const app = apps.find((known) => known.clientId === clientId);
  if (!app) {
    return refuse(700016, `Application with identifier '${clientId}' was not found in the directory '${tenant}'.`);
  }
  const scope = form.get('scope');
  // The bot is registered for its own service, and the app for Graph.
  const audience = app === world.bot ? botAudience : graphAudience;
  if (scope !== `${audience}/.default`) {
    return refuse(
      70011,
      `The provided request must include a valid 'scope' input parameter. The scope '${scope ?? ''}' is not valid.`,
    );
  }
  const fault = await credentialFault(world, app, form, request.url);
  if (fault) return refuse(fault.code, fault.text);
  const roles = app.permissions;
  return json(
    200,
    {
      token_type: 'Bearer',
      expires_in: issuer.lifetimeSeconds,
      ext_expires_in: issuer.lifetimeSeconds,
      access_token: await issuer.issue({ clientId, tenantId: tenant, roles }, world.behaviour.accessTokens, audience),
    },
    { 'cache-control': 'no-store, no-cache', pragma: 'no-cache' },
  );
}

async function credentialFault(world: World, app: AppRegistration, form: URLSearchParams, url: URL) {
  const assertion = form.get('client_assertion');
  if (assertion !== null && form.get('client_assertion_type') === assertionType) {
    if (claimedIssuer(assertion) === world.foreign.issuer) return world.foreign.check(assertion);
    // Clients name the login service by https even where a test twin is reached by plain http.
    const audiences = [url.origin, `https://${url.host}`].flatMap((origin) => [
      `${origin}${url.pathname}${url.search}`,
      `${origin}${url.pathname}`,
      `${origin}/${world.tenant.id}/v2.0`,
    ]);
    return checkAssertion({ assertion, app, audiences, nowMs: world.runtime.now() });
  }
  const secret = form.get('client_secret');
  if (secret === null) {
    return {
      code: 7000216,
      text: "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type.",
    } as const;
  }
  if (secret === app.clientSecret.reveal()) return undefined;
  return {
    code: 7000215,
    text: `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${app.clientId}'.`,
  } as const;
}

/** @see https://learn.microsoft.com/en-us/entra/identity-platform/v2-protocols-oidc */
function metadata(world: World, tenant: string, url: URL): TwinAnswer {
  if (tenant !== world.tenant.id && tenant !== 'common' && tenant !== 'organizations') {
    return loginError(world.runtime, 90002, `Tenant '${tenant}' not found.`);
  }
  const base = `${url.origin}/${tenant}`;
  return json(200, {
    token_endpoint: `${base}/oauth2/v2.0/token`,
    token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt'],
    jwks_uri: `${base}/discovery/v2.0/keys`,
    response_types_supported: ['code', 'id_token', 'token'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    issuer: `${base}/v2.0`,
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    device_authorization_endpoint: `${base}/oauth2/v2.0/devicecode`,
    end_session_endpoint: `${base}/oauth2/v2.0/logout`,
    claims_supported: ['sub', 'iss', 'aud', 'exp', 'iat', 'tid', 'ver'],
    tenant_region_scope: 'EU',
    cloud_instance_name: 'microsoftonline.com',
    msgraph_host: url.host,
  });
}

/** What MSAL asks before it trusts an authority it does not know. */
function instanceDiscovery(url: URL): TwinAnswer {
  return json(200, {
    tenant_discovery_endpoint: `${url.origin}/common/v2.0/.well-known/openid-configuration`,
    'api-version': '1.1',
    metadata: [{ preferred_network: url.host, preferred_cache: url.host, aliases: [url.host] }],
  });
}
