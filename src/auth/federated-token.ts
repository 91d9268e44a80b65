import { readFile } from 'node:fs/promises';
import { Secret } from '../runtime/secret.ts';
import type { FederatedToken } from './credential.ts';
import { authErrors } from './errors.ts';

/** Three parts of base64url: https://datatracker.ietf.org/doc/html/rfc7519#section-3 */
const JWT = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/**
 * A federated token that stands in a file, as Kubernetes mounts it and replaces it before it ends.
 *
 * @param file - read at every sign-in
 * @see https://azure.github.io/azure-workload-identity/docs/quick-start.html (AZURE_FEDERATED_TOKEN_FILE)
 */
export function federatedTokenFile(file: string): FederatedToken {
  return {
    kind: 'federated',
    assertion: async () => {
      const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
        throw authErrors.federated_token_unusable({ file, reason: `it cannot be read (${cause.code ?? 'error'})` });
      });
      if (!JWT.test(text.trim())) {
        throw authErrors.federated_token_unusable({ file, reason: 'what it holds is no JWT' });
      }
      return new Secret(text.trim());
    },
  };
}
