import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { botError } from '../../errors/bot-error.ts';
import { botRules } from '../../errors/bot-rules.ts';
import { transportError } from '../../http/transport-error.ts';
import { failureOutcome, provenBy } from './outcome.ts';

const request = { method: 'POST', route: '/v3/conversations/{conversation-id}/activities' };
const answer = (status: number, code?: string, headers: Record<string, string> = {}) =>
  botError(
    { status, headers, body: Buffer.from(code === undefined ? '' : JSON.stringify({ error: { code } })) },
    request,
    0,
  );
const of = (status: number, code?: string, asked = { isPost: true, attempt: 1 }) =>
  failureOutcome(answer(status, code), asked);

describe('what the answers of the connector mean for a message', () => {
  it.each<[number, string | undefined, string, string]>([
    [400, 'BadArgument', 'permanent', 'activity_refused'],
    [401, 'BotNotRegistered', 'permanent', 'bot_not_registered'],
    [403, 'BotNotInConversationRoster', 'permanent', 'bot_not_in_conversation'],
    [404, 'BotNotInConversationRoster', 'permanent', 'bot_not_in_conversation'],
    [403, 'ConversationBlockedByUser', 'permanent', 'bot_blocked'],
    [403, 'MessageWritesBlocked', 'permanent', 'bot_blocked'],
    [403, 'BotDisabledByAdmin', 'permanent', 'bot_disabled'],
    [403, 'ForbiddenOperationException', 'permanent', 'bot_not_installed'],
    [403, 'InvalidBotApiHost', 'permanent', 'bot_host_wrong'],
    [403, 'NotEnoughPermissions', 'permanent', 'bot_permission_denied'],
    [403, undefined, 'permanent', 'bot_permission_denied'],
    [404, 'ConversationNotFound', 'permanent', 'conversation_not_found'],
    [404, 'ActivityNotFoundInConversation', 'permanent', 'activity_not_found'],
    [404, undefined, 'permanent', 'conversation_not_found'],
    [409, undefined, 'retry', 'conversation_busy'],
    [412, 'PreconditionFailed', 'retry', 'conversation_busy'],
    [413, 'MessageSizeTooBig', 'permanent', 'message_too_large'],
    [429, 'Throttled', 'retry', 'bot_throttled'],
    [500, 'ServiceError', 'unknown', 'bot_service_error'],
    [502, 'ServiceError', 'unknown', 'bot_service_error'],
    [503, undefined, 'unknown', 'bot_service_error'],
    [504, undefined, 'unknown', 'bot_service_error'],
  ])('%i %s: %s, %s', (status, code, kind, error) => {
    expect(of(status, code)).toMatchObject({ kind, error: { code: error } });
  });

  it('a 500 is tried once more, and an edit that failed may be made again', () => {
    expect(of(500, 'ServiceError', { isPost: true, attempt: 2 }).kind).toBe('permanent');
    expect(of(504, undefined, { isPost: false, attempt: 1 }).kind).toBe('retry');
  });

  it('a Retry-After is kept', () => {
    const outcome = failureOutcome(answer(429, 'Throttled', { 'retry-after': '7' }), { isPost: true, attempt: 1 });
    expect(outcome).toMatchObject({ kind: 'retry', afterMs: 7_000 });
  });

  it('every status and every row has an outcome, and only what may have been done is unknown', () => {
    const codes = [undefined, ...botRules.flatMap(({ when }) => when?.codes ?? [])];
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 599 }), fc.constantFrom(...codes), fc.nat(3), (status, code, attempt) => {
        const { kind } = of(status, code, { isPost: true, attempt: attempt + 1 });
        expect(['retry', 'permanent', 'unknown']).toContain(kind);
        if (kind === 'unknown') expect(status >= 500 || status === 408 || status === 425).toBe(true);
        expect(of(status, code, { isPost: false, attempt: 1 }).kind).not.toBe('unknown');
      }),
    );
  });

  it('without an answer a message may have been posted, unless it is known that it was not', () => {
    const failure = (code: string) => {
      const context = {
        surface: 'bot',
        request: { method: 'POST', route: '/', url: 'https://smba.trafficmanager.net/', headers: {} },
        otherwise: 'network_error',
      } as const;
      return transportError(Object.assign(new Error(), { code }), { ...context, proxied: false });
    };
    expect(failureOutcome(failure('ECONNRESET'), { isPost: true, attempt: 1 }).kind).toBe('unknown');
    expect(failureOutcome(failure('ECONNREFUSED'), { isPost: true, attempt: 1 }).kind).toBe('retry');
  });

  it('what proves that the bot cannot speak somewhere', () => {
    expect(provenBy(answer(403, 'ConversationBlockedByUser'))).toBe('blocked');
    expect(provenBy(answer(403, 'BotNotInConversationRoster'))).toBe('uninstalled');
    expect(provenBy(answer(404, 'ConversationNotFound'))).toBe('gone');
    expect(provenBy(answer(403, 'NotEnoughPermissions'))).toBeUndefined();
    expect(provenBy(answer(503))).toBeUndefined();
  });
});
