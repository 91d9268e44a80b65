import type { ErrorRule } from './error-rule.ts';

/** Kept beside `auth/clouds`, which this room may not import; a test holds them equal. */
const CLOUDS = 'public, usgov-gcc, usgov-gcc-high, usgov-dod, china';

const rule = (row: Omit<ErrorRule, 'surface'>): ErrorRule => ({ surface: 'login', ...row });

/**
 * What the refusals of the Microsoft identity platform mean, by their AADSTS number or OAuth error.
 *
 * @see https://learn.microsoft.com/en-us/entra/identity-platform/reference-error-codes
 */
export const loginRules: readonly ErrorRule[] = [
  rule({
    when: { codes: ['AADSTS7000215'] },
    code: 'client_secret_wrong',
    recovery: 'user_action',
    meaning: 'The client secret is wrong.',
    hint: 'Set TEAMS_CLIENT_SECRET to the secret value, not to its id.',
  }),
  rule({
    when: { codes: ['AADSTS7000222'] },
    code: 'client_secret_expired',
    recovery: 'user_action',
    meaning: 'The client secret has expired.',
    hint: 'Create a new secret for the app registration.',
  }),
  rule({
    when: { codes: ['AADSTS1000502'] },
    code: 'client_certificate_expired',
    recovery: 'user_action',
    meaning: 'The client certificate has ended, or has not begun.',
    hint: 'Create a new certificate, upload it to the app registration, and set TEAMS_CLIENT_CERTIFICATE; check the clock of this machine.',
  }),
  rule({
    when: { codes: ['AADSTS900439'] },
    code: 'cloud_wrong',
    recovery: 'user_action',
    meaning: 'The tenant is in the cloud of the US government.',
    hint: 'Set TEAMS_CLOUD (auth.cloud) to usgov-gcc-high or usgov-dod.',
  }),
  rule({
    when: { codes: ['AADSTS900382', 'AADSTS900432'] },
    code: 'cloud_wrong',
    recovery: 'user_action',
    meaning: 'The tenant is in another Microsoft cloud than the one that was asked.',
    hint: `Set TEAMS_CLOUD (auth.cloud) to the cloud of the tenant: ${CLOUDS}.`,
  }),
  rule({
    when: { codes: ['AADSTS7000229'] },
    code: 'service_principal_missing',
    recovery: 'admin_action',
    meaning: 'The app is registered, but has no enterprise application (service principal) in this tenant.',
    hint: 'Grant admin consent, or run `az ad sp create --id CLIENT_ID`.',
  }),
  rule({
    when: { codes: ['AADSTS700027', 'AADSTS700023', 'AADSTS7000214', 'AADSTS700024', 'AADSTS700026'] },
    code: 'client_certificate_refused',
    recovery: 'user_action',
    meaning: 'The client certificate, or the signed assertion, is not accepted.',
    hint: 'Check that this certificate is uploaded to the app registration, that certificate or federated token have not ended, and that the clock is right.',
  }),
  rule({
    when: { codes: ['AADSTS70021', 'AADSTS700211', 'AADSTS700212', 'AADSTS700213', 'AADSTS700214'] },
    code: 'federation_missing',
    recovery: 'admin_action',
    meaning: 'The app registration trusts no federated identity with the issuer, subject and audience of this token.',
    hint: 'Add a federated credential to the app registration with exactly the issuer, the subject and the audience that stand in the token.',
  }),
  rule({
    when: { codes: ['AADSTS700016', 'AADSTS700038'] },
    code: 'client_unknown',
    recovery: 'user_action',
    meaning: 'The tenant does not know this client id.',
    hint: 'Check TEAMS_CLIENT_ID and TEAMS_TENANT_ID, and that the app has admin consent in the tenant.',
  }),
  rule({
    when: { codes: ['AADSTS90002', 'AADSTS900023', 'AADSTS900021'] },
    code: 'tenant_unknown',
    recovery: 'user_action',
    meaning: 'The tenant does not exist in this cloud.',
    hint: 'Check TEAMS_TENANT_ID and the cloud.',
  }),
  rule({
    when: { codes: ['AADSTS65001', 'AADSTS650051', 'AADSTS650052'] },
    code: 'consent_missing',
    recovery: 'admin_action',
    meaning: 'No administrator has consented to the app.',
    hint: 'Grant admin consent for the app registration.',
  }),
  rule({
    when: { codes: ['AADSTS500011', 'AADSTS70011', 'AADSTS1002012'] },
    code: 'scope_unknown',
    recovery: 'user_action',
    meaning: 'The login service does not know the requested scope.',
    hint: 'Check that the cloud setting fits the tenant.',
  }),
  rule({
    when: { codes: ['AADSTS7000112'] },
    code: 'client_disabled',
    recovery: 'admin_action',
    meaning: 'The app is disabled in this tenant.',
    hint: 'Enable the enterprise application.',
  }),
  rule({
    when: { codes: ['AADSTS53003', 'AADSTS530003', 'AADSTS53000', 'AADSTS530034', 'AADSTS530035'] },
    code: 'conditional_access',
    recovery: 'admin_action',
    meaning: 'A conditional access policy refuses this app.',
    hint: 'Exclude the workload identity from the policy or meet its conditions.',
  }),
  rule({
    when: { codes: ['AADSTS90033', 'AADSTS50196', 'temporarily_unavailable'] },
    code: 'login_unavailable',
    recovery: 'retry',
    meaning: 'The login service is not available at the moment.',
    hint: 'Try again later.',
  }),
  rule({
    status: [408, 425, 429, 500, 502, 503, 504],
    code: 'login_unavailable',
    recovery: 'retry',
    meaning: 'The login service is not available at the moment.',
    hint: 'Try again later.',
  }),
  rule({
    when: { codes: ['invalid_client', 'unauthorized_client'] },
    code: 'client_refused',
    recovery: 'user_action',
    meaning: 'The login service refuses the client.',
    hint: 'Check tenant id, client id and credential.',
  }),
  rule({
    status: [200],
    code: 'login_answer_invalid',
    recovery: 'retry',
    meaning: 'The login service answered with something that is no token.',
    hint: 'Look whether a proxy or a sign-in page stands in between (HTTPS_PROXY, TEAMS_LOGIN_URL), and try again.',
  }),
  rule({
    code: 'login_refused',
    recovery: 'fail',
    meaning: 'The login service refuses the request.',
    hint: 'Look up the AADSTS number in details at https://login.microsoftonline.com/error.',
  }),
];
