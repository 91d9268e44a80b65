import type { Secret } from '../../runtime/secret.ts';

/** An app that may log in, as an administrator registered it. */
export interface AppRegistration {
  readonly clientId: string;
  /** Of now: an administrator may replace it, and the certificate. */
  clientSecret: Secret;
  /** PEM of the certificate whose key may sign client assertions. */
  certificatePem?: string | undefined;
  /** Application permissions that are granted: the `roles` of its next token. An administrator may change them. */
  permissions: readonly string[];
}
