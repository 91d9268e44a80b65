import { z } from 'zod';
import { type CloudName, clouds } from '../../auth/clouds.ts';
import type { ManagedIdentity } from '../../auth/credential.ts';
import { federatedTokenFile } from '../../auth/federated-token.ts';
import { identityHost } from '../../auth/identity-host.ts';
import { isGuid } from '../../runtime/guid.ts';
import { closed, filled, pathIn, secretIn } from '../../settings/fields.ts';
import type { ReferenceSources } from '../../settings/references.ts';
import { section } from '../../settings/section.ts';
import { readCertificate } from '../certificate.ts';

/** The section `auth`: who signs in to the tenant. */
export const authSection = section({
  name: 'auth',
  variables: {
    TEAMS_TENANT_ID: { key: 'tenant_id', form: 'text' },
    TEAMS_CLIENT_ID: { key: 'client_id', form: 'text' },
    TEAMS_CLIENT_SECRET: { key: 'client_secret', form: 'text' },
    TEAMS_CLIENT_CERTIFICATE: { key: 'certificate', form: 'text' },
    TEAMS_CLIENT_CERTIFICATE_PASSWORD: { key: 'certificate_password', form: 'text' },
    TEAMS_FEDERATED_TOKEN_FILE: { key: 'federated_token_file', form: 'text' },
    TEAMS_MANAGED_IDENTITY: { key: 'managed_identity', form: 'text' },
    TEAMS_CLOUD: { key: 'cloud', form: 'text' },
  },
  schema: authSchema,
});

function authSchema(sources: ReferenceSources) {
  const secret = secretIn(sources);
  const path = pathIn(sources);
  return closed({
    tenant_id: filled.optional().describe('Directory (tenant) id.'),
    client_id: filled.optional().describe('Application (client) id of the app registration.'),
    client_secret: secret.optional().describe('Client secret. Or give a certificate.'),
    certificate: path
      .optional()
      .describe('File with the certificate and its private key: PEM, or PKCS #12 (.pfx). Instead of a secret.'),
    certificate_password: secret.optional().describe('Password of an encrypted key or a PKCS #12 file.'),
    federated_token_file: path
      .transform(federatedTokenFile)
      .optional()
      .describe(
        'File with the token of a federated identity, read at every sign-in: in Kubernetes the path that stands in AZURE_FEDERATED_TOKEN_FILE. Instead of a secret.',
      ),
    managed_identity: managedIdentityIn(sources)
      .optional()
      .describe(
        '"system" for the identity that Azure gives this machine, or the client id of a user-assigned one. Instead of client id and secret.',
      ),
    cloud: z
      .enum(Object.keys(clouds) as CloudName[])
      .default('public')
      .describe('Which Microsoft cloud the tenant is in.'),
  }).transform(({ certificate: file, certificate_password: password, ...rest }, context) => {
    for (const { path, message } of waysToSignIn({ ...rest, certificate: file })) {
      context.addIssue({ code: 'custom', path: [path], message });
    }
    if (file === undefined) return { ...rest, certificate: undefined };
    sources.onFile?.(file);
    const certificate = readCertificate(file, password);
    if (!('problem' in certificate)) return { ...rest, certificate };
    context.addIssue({ code: 'custom', path: ['certificate'], message: certificate.problem });
    return z.NEVER;
  });
}

const managedIdentityIn = ({ environment }: Pick<ReferenceSources, 'environment'>) =>
  filled.transform((text, context): ManagedIdentity => {
    const clientId = text.toLowerCase() === 'system' ? undefined : text;
    if (clientId === undefined || isGuid(clientId)) {
      return { kind: 'managed-identity', clientId, host: identityHost(environment) };
    }
    context.addIssue({ code: 'custom', message: 'Must be "system" or the client id (a GUID) of an identity.' });
    return z.NEVER;
  });

type WayToSignIn = 'certificate' | 'client_secret' | 'federated_token_file' | 'managed_identity';

/** Faults of ways to sign in that stand beside others. Only a certificate may: it beats a secret while one moves over. */
function waysToSignIn(given: { readonly [Way in WayToSignIn]?: unknown }) {
  const ways = (Object.keys(given) as WayToSignIn[]).filter((way) => WAYS.includes(way) && given[way] !== undefined);
  return LONELY.filter((way) => ways.includes(way) && ways.length > 1).map((way) => {
    const others = ways.filter((other) => other !== way).map((other) => `auth.${other}`);
    return { path: way, message: `Stands beside ${others.join(' and ')}. Keep one way to sign in.` };
  });
}

const LONELY: readonly WayToSignIn[] = ['federated_token_file', 'managed_identity'];
const WAYS: readonly WayToSignIn[] = ['certificate', 'client_secret', ...LONELY];
