// @ts-check
/** @import { Answer, NotifierKind, Secret } from 'sluice/notifiers' */

/** @type {NotifierKind<{ url: Secret, people?: readonly string[] | undefined }>} */
export default {
  api: 1,
  name: 'inbox',

  // What stands in sluice.yaml below a receiver with `notifier: inbox`.
  fields: ({ z, secret, text }) => ({
    url: secret.describe('Where the inbox takes messages; who knows it may post.'),
    people: z.array(text).optional().describe('Who is told of it.'),
  }),
  check: ({ url }) => (URL.canParse(url.reveal()) ? [] : [{ field: 'url', problem: 'Expected https://…' }]),

  // What it takes and how fast. Cards of a bot may be newer than those of a webhook.
  profile: () => ({ name: 'bot', maxBytes: 64 * 1024 }),
  windows: () => [{ limit: 10, windowMs: 1_000 }],

  open: ({ send }) => ({
    // Receivers with one URL share its windows and its health. It is a secret, so only a hash of it is ever shown.
    endpoints: ({ url }) => [url],

    notify: async ({ id, receiver: { url, people }, body, text }, signal) => {
      const message = { id, people, text: text(), card: body.attachments[0].content };
      const request = {
        method: /** @type {const} */ ('POST'),
        url: url.reveal(),
        route: '/inbox',
        headers: { 'content-type': 'application/json', 'idempotency-key': id },
        body: JSON.stringify(message),
      };
      try {
        return answerOf((await send(request, signal)).status, id);
      } catch (cause) {
        return { kind: wasSent(cause) ? 'unknown' : 'retry', blame: 'outage', error: silent(cause) };
      }
    },
  }),
};

/** @type {(status: number, id: string) => Answer} */
function answerOf(status, id) {
  if (status < 300) return { kind: 'delivered', id };
  const error = { code: 'inbox_refused', message: `The inbox answered ${status}.`, hint: 'Look at its log.' };
  if (status === 429) return { kind: 'retry', afterMs: 60_000, error };
  if (status === 404 || status === 410) return { kind: 'permanent', blame: 'gone', error };
  if (status < 500) return { kind: 'permanent', error };
  return { kind: 'unknown', blame: 'outage', error };
}

/** @type {(error: any) => boolean} */
const wasSent = (error) => error?.details?.sent !== false;

/** @type {(cause: unknown) => import('sluice/notifiers').Failure} */
const silent = (cause) => ({
  code: 'inbox_silent',
  message: 'The inbox gave no answer.',
  hint: 'Check that it runs.',
  cause,
});
