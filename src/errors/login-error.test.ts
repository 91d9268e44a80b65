import { expect, it } from 'vitest';
import { loginError } from './login-error.ts';

const refused = (status: number, error: string, aadsts: number) =>
  loginError(
    {
      status,
      headers: {},
      body: Buffer.from(
        JSON.stringify({ error, error_codes: [aadsts], error_description: `AADSTS${aadsts}: canary-4711 secret` }),
      ),
    },
    { method: 'POST', route: '/token' },
    0,
  );

it.each([
  [401, 'invalid_client', 7000215, 'client_secret_wrong', 'user_action'],
  [401, 'invalid_client', 7000222, 'client_secret_expired', 'user_action'],
  [401, 'invalid_client', 700027, 'client_certificate_refused', 'user_action'],
  [400, 'unauthorized_client', 700016, 'client_unknown', 'user_action'],
  [400, 'invalid_request', 90002, 'tenant_unknown', 'user_action'],
  [400, 'invalid_grant', 65001, 'consent_missing', 'admin_action'],
  [400, 'invalid_resource', 500011, 'scope_unknown', 'user_action'],
  [401, 'unauthorized_client', 7000112, 'client_disabled', 'admin_action'],
  [400, 'invalid_grant', 53003, 'conditional_access', 'admin_action'],
  [503, 'server_error', 1, 'login_unavailable', 'retry'],
  [401, 'invalid_client', 1, 'client_refused', 'user_action'],
  [400, 'odd', 1, 'login_refused', 'fail'],
])('%i %s AADSTS%i is %s (%s)', (status, error, aadsts, code, recovery) => {
  const typed = refused(status, error, aadsts);
  expect({ code: typed.code, recovery: typed.recovery }).toEqual({ code, recovery });
  expect(typed.message).toContain(`AADSTS${aadsts}`);
  expect(typed.message).not.toContain('4711');
});
