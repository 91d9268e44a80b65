import { defineErrors } from '../errors/define-errors.ts';

/** Why the server does not listen. */
export const listenErrors = defineErrors('server', {
  port_unavailable: {
    recovery: 'user_action',
    cause: 'Another process listens on the port, or this user may not open it.',
    remedy: 'Choose another port with --port, or end the process that holds it.',
    example: { host: '127.0.0.1', port: 8686, reason: 'EADDRINUSE' },
    says: ({ host, port, reason }) => `${host}:${port} cannot be listened on (${reason}).`,
  },
});

/** What the HTTP surface itself answers. */
export const httpErrors = defineErrors('server', {
  unauthenticated: {
    recovery: 'user_action',
    cause: 'A request has no key, a wrong one, or, where no keys are set, comes by another name than a loopback one.',
    remedy: 'Give a key of server.api_keys as "Authorization: Bearer KEY" or "x-api-key: KEY".',
    example: { valid: 'The key is not known.' },
    says: () => 'The request is not let in.',
    hint: ({ valid }) => valid,
  },
  not_found: {
    recovery: 'user_action',
    cause: 'There is nothing at this path.',
    remedy: 'Use one of the paths that the answer lists.',
    example: { routes: ['POST /v1/notifications', 'GET /v1/outbox'] },
    hint: () => undefined,
    details: ({ routes }) => ({ valid: routes }),
  },
  message_not_found: {
    code: 'not_found',
    recovery: 'user_action',
    cause: 'The outbox holds no such message.',
    remedy: 'Ask for one that GET /v1/outbox lists.',
    hint: () => undefined,
  },
  content_type: {
    recovery: 'user_action',
    cause: 'The body must be JSON.',
    remedy: 'Valid content-type: application/json.',
  },
  body_too_large: {
    recovery: 'user_action',
    cause: 'The body of a request is larger than server.max_body_bytes.',
    remedy: 'Send less at once.',
    example: { maxBytes: 1_048_576 },
    says: ({ maxBytes }) => `The body is larger than ${maxBytes} bytes.`,
  },
  body_incomplete: {
    recovery: 'user_action',
    cause: 'The body ended before it was complete.',
    remedy: 'Send the request again.',
  },
  draining: {
    recovery: 'user_action',
    cause: 'The server is about to stop.',
    remedy: 'Send again in a moment.',
  },
  internal_error: {
    recovery: 'fail',
    cause: 'The request could not be carried out.',
    remedy: 'It is a mistake in Sluice, or of what it runs on: `server.failed` in the log says more.',
    hint: () => undefined,
  },
});

/** Why the server has no bot although one is configured. */
export const serverBotErrors = defineErrors('server', {
  bot_handlers_invalid: {
    recovery: 'user_action',
    cause: 'The module of the handlers of the bot cannot be loaded, or its default export is no function.',
    remedy: 'Export a function that is given the bot: export default (bot) => { bot.on("message", …); }.',
    example: { file: './bot.mjs', problem: 'its default export is no function.' },
    says: ({ file, problem }) => `bot.handlers: ${file} cannot be used: ${problem}`,
    details: ({ file }) => ({ file }),
  },
});
