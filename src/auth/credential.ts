import type { Secret } from '../runtime/secret.ts';
import type { IdentityHost } from './identity-host.ts';

/** How the app proves who it is. */
export type Credential = ClientSecret | ClientCertificate | FederatedToken | ManagedIdentity;

export interface ClientSecret {
  readonly kind: 'secret';
  readonly secret: Secret;
}

/** @see https://learn.microsoft.com/en-us/entra/identity-platform/certificate-credentials */
export interface ClientCertificate {
  readonly kind: 'certificate';
  /** The private key, PEM (PKCS #8). */
  readonly privateKey: Secret;
  /** The certificate, PEM. Its SHA-256 thumbprint is computed from it. */
  readonly certificate: string;
  /** Also send the certificate itself (`x5c`), for subject-name and issuer authentication. */
  readonly sendChain?: boolean | undefined;
}

/**
 * A token of another identity provider that the app registration trusts: Kubernetes, GitHub Actions, another cloud.
 *
 * @see https://learn.microsoft.com/en-us/entra/workload-id/workload-identity-federation
 */
export interface FederatedToken {
  readonly kind: 'federated';
  /** Gives the token of now; asked at every sign-in, because it lives for minutes and is replaced while we run. */
  readonly assertion: () => Promise<Secret>;
}

/**
 * The identity that Azure gives to a machine, a container or a function: no secret anywhere.
 *
 * @see https://learn.microsoft.com/en-us/entra/identity/managed-identities-azure-resources/overview
 */
export interface ManagedIdentity {
  readonly kind: 'managed-identity';
  /** Client id of a user-assigned identity. Default: that of the system. */
  readonly clientId?: string | undefined;
  readonly host: IdentityHost;
}
