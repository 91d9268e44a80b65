import { errorOfBotRule } from './bot-error.ts';
import { botRules } from './bot-rules.ts';
import { clientError, clientRules } from './client-rules.ts';
import type { ErrorDescription } from './define-errors.ts';
import type { ErrorRule } from './error-rule.ts';
import { errorOfGraphRule } from './graph-error.ts';
import { graphRules } from './graph-rules.ts';
import { errorOfLoginRule } from './login-error.ts';
import { loginRules } from './login-rules.ts';
import type { SluiceError } from './sluice-error.ts';

/** The rows of the rule tables, for the reference pages. */
export const graphErrors = graphRules.map((rule) => ({
  describe: () => described(rule, errorOfGraphRule(rule, { ...listing, status: rule.status?.[0] ?? 500 })),
}));

export const loginErrors = loginRules.map((rule) => ({
  describe: () => {
    const codes = rule.when?.codes?.slice(0, 1) ?? [];
    return described(rule, errorOfLoginRule(rule, { ...signIn, status: rule.status?.[0] ?? 401 }, { codes }));
  },
}));

export const botServiceErrors = botRules.map((rule) => ({
  describe: () => described(rule, errorOfBotRule(rule, { ...sending, status: rule.status?.[0] ?? 418 })),
}));

export const clientErrors = Object.values(clientRules).map((rule) => ({
  describe: () => described({ ...rule, surface: 'client' }, clientError(rule.code, listing, { surface: 'graph' })),
}));

const listing = { method: 'GET', route: '/teams/{team-id}/channels' };
const sending = { method: 'POST', route: '/v3/conversations/{conversation-id}/activities' };
const signIn = { method: 'POST', route: '/token' };

function described(
  { code, surface, recovery, meaning, hint }: Omit<ErrorRule, 'surface'> & { readonly surface: string },
  { message }: SluiceError,
): ErrorDescription {
  return { code, surface, recovery, cause: meaning, remedy: hint, example: message };
}
