import type { Secret } from '../runtime/secret.ts';

/** How the app proves who it is. */
export type Credential = ClientSecret | ClientCertificate;

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
  readonly sendChain?: boolean;
}
