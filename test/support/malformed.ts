import { gzipSync } from 'node:zlib';

/** An answer on its way from the twin to the reader. */
export interface PassingAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** What no output may hold, in whole or in part: a parser's message quotes a few characters. */
export const CANARY = 'canary';
/** The same as digits, for places where only a number may stand. */
export const NUMERIC_CANARY = '271828182845904523536';

const SAID = `${CANARY} said this in confidence ${CANARY}`;
const SIGNED = `?sig=${CANARY}&$skiptoken=${CANARY}`;

const json = (value: unknown) => Buffer.from(JSON.stringify(value));
const withBody =
  (body: Buffer | string, headers: Readonly<Record<string, string>> = {}) =>
  (answer: PassingAnswer) => ({
    ...answer,
    headers: { ...answer.headers, ...headers },
    body: Buffer.from(body),
  });
const inText = (change: (text: string) => string | Buffer) => (answer: PassingAnswer) => ({
  ...answer,
  body: Buffer.from(change(answer.body.toString('utf8'))),
});
const inPage = (change: (page: Record<string, unknown>) => unknown) =>
  inText((text) => {
    const page: unknown = JSON.parse(text);
    return json(typeof page === 'object' && page !== null ? change({ ...page }) : page);
  });
const eachRecord = (change: (record: Record<string, unknown>) => unknown) =>
  inPage((page) => ({ ...page, value: Array.isArray(page['value']) ? page['value'].map(change) : page['value'] }));
const refusal =
  (status: number, headers: Readonly<Record<string, string>> = {}) =>
  (answer: PassingAnswer): PassingAnswer => ({
    status,
    headers: { ...answer.headers, 'content-type': 'application/json', ...headers },
    body: json({
      error: {
        code: `${SAID}`,
        message: SAID,
        innerError: { code: `${CANARY}!`, 'request-id': SAID, date: SAID, message: SAID },
        details: [{ code: SAID, message: SAID }],
      },
      error_description: `AADSTS7000215: ${SAID}`,
      error_codes: [CANARY],
      suberror: SAID,
      trace_id: SAID,
    }),
  });

const STATUSES = [400, 401, 402, 403, 404, 412, 423, 429, 503];

/** Every way in which an answer can be malformed, each with something planted that nobody may see. */
export const MALFORMED: Readonly<Record<string, (answer: PassingAnswer) => PassingAnswer>> = {
  'cut within a text': withBody(`{"value":[{"id":"1","body":{"content":"${SAID}`),
  'cut within the page': inText((text) => text.slice(0, Math.floor(text.length / 2)) + CANARY),
  'a raw control character': inText((text) => text.replace('"id"', `"secret":"${CANARY}\u0001${SAID}","id"`)),
  'a word without quotes': inText((text) => text.replace('"id"', `"secret":${CANARY},"id"`)),
  'a record that is no JSON': withBody(`{"value":[{"id":"1","body":{"content":${CANARY}}},{"id":"2"}]}`),
  'records that are texts': eachRecord(() => SAID),
  'records that are lists': eachRecord(() => [SAID]),
  'a list that is a text': inPage((page) => ({ ...page, value: SAID })),
  'a list that is an object': inPage((page) => ({ ...page, value: { [CANARY]: SAID } })),
  'a page that is a text': withBody(JSON.stringify(SAID)),
  'a page that is a list': withBody(JSON.stringify([SAID])),
  'a page that is a number': withBody(NUMERIC_CANARY),
  'every field a text': eachRecord((record) =>
    Object.fromEntries(Object.keys(record).map((name) => [name, name === 'id' ? record[name] : SAID])),
  ),
  'every field an object': eachRecord((record) =>
    Object.fromEntries(Object.keys(record).map((name) => [name, { [CANARY]: SAID }])),
  ),
  'ids that are texts of people': eachRecord((record) => ({ ...record, id: SAID })),
  'ids that are objects': eachRecord((record) => ({ ...record, id: { [CANARY]: SAID } })),
  'dates that are texts': eachRecord((record) => ({
    ...record,
    createdDateTime: SAID,
    lastModifiedDateTime: SAID,
    deletedDateTime: SAID,
  })),
  'two lists': inText((text) => text.replace(/\}\s*$/, `,"value":"${SAID}"}`)),
  'two ids': inText((text) => text.replaceAll('"id":', `"id":"${SAID}","id":`)),
  'a byte order mark': inText((text) => `\ufeff${text.replace('"id"', `"secret":${CANARY},"id"`)}`),
  'UTF-16': inText((text) => Buffer.from(text.replace('"id"', `"secret":"${SAID}","id"`), 'utf16le')),
  'bytes that are no UTF-8': inText((text) =>
    Buffer.from(text.replace('"id"', `"secret":"${SAID}\u00ff\u00fe","id"`), 'latin1'),
  ),
  'gzip cut in half': ({ body, ...answer }) => {
    const packed = gzipSync(Buffer.concat([Buffer.from(SAID), body]));
    const half = packed.subarray(0, Math.floor(packed.length / 2));
    return { ...answer, headers: { ...answer.headers, 'content-encoding': 'gzip' }, body: half };
  },
  'gzip that is none': withBody(SAID, { 'content-encoding': 'gzip' }),
  'an encoding of its own': withBody(SAID, { 'content-encoding': CANARY }),
  'a page of HTML': withBody(`<html><title>${CANARY}</title>${SAID}</html>`, { 'content-type': 'text/html' }),
  'a type of its own': withBody(SAID, { 'content-type': `text/${CANARY}; charset=${CANARY}` }),
  'a number without end':
    eachRecord((record) => record) &&
    inText((text) => text.replace('"id"', `"size":${NUMERIC_CANARY.repeat(40)},"id"`)),
  'a number with a tail': inText((text) => text.replace('"id"', `"size":${NUMERIC_CANARY}e99999${CANARY},"id"`)),
  'deep within itself': inText((text) =>
    text.replace('"id"', `"deep":${'['.repeat(20_000)}"${SAID}"${']'.repeat(20_000)},"id"`),
  ),
  'nothing but depth': withBody(`{"value":${'['.repeat(200_000)}"${SAID}"`),
  'a link to another host': inPage((page) => ({
    ...page,
    '@odata.nextLink': `https://elsewhere.example/v1.0/${CANARY}${SIGNED}`,
  })),
  'a link that is none': inPage((page) => ({ ...page, '@odata.nextLink': `http://[${CANARY}` })),
  'a link that is an object': inPage((page) => ({ ...page, '@odata.nextLink': { [CANARY]: SAID } })),
  'a link with an escape that is none': inText((text) =>
    text.replace(/\}\s*$/, `,"@odata.nextLink":"https://x/\\u${CANARY}"}`),
  ),
  'a link with a password': inPage((page) => ({ ...page, '@odata.nextLink': `https://${CANARY}:${CANARY}@x/v1.0/` })),
  'a link to a page that is refused': inPage((page) => ({ ...page, '@odata.nextLink': `/v1.0/${CANARY}${SIGNED}` })),
  'an empty page': withBody(''),
  'a refusal without JSON': (answer) => ({ ...answer, status: 403, body: Buffer.from(SAID) }),
  'a refusal cut short': (answer) => ({ ...answer, status: 403, body: Buffer.from(`{"error":{"code":"${SAID}`) }),
  'a wait that is a text': refusal(429, { 'retry-after': SAID }),
  'headers that are texts': (answer) => ({
    ...refusal(403)(answer),
    headers: { 'request-id': SAID, 'client-request-id': SAID, date: SAID, 'x-ms-ags-diagnostic': SAID, location: SAID },
  }),
  'a redirect': (answer) => ({
    ...answer,
    status: 302,
    headers: { location: `https://elsewhere.example/${CANARY}${SIGNED}` },
  }),
  ...Object.fromEntries(STATUSES.map((status) => [`a ${status} that quotes`, refusal(status)])),
};
