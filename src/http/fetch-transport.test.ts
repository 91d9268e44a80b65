import { expect, it } from 'vitest';
import { fetchTransport } from './fetch-transport.ts';

const request = { method: 'POST', url: 'https://x/', route: '/x', headers: { a: '1' }, body: 'hello' } as const;

it('passes the request to the function and its answer back', async () => {
  const send = fetchTransport({
    surface: 'graph',
    fetch: async (_, init) =>
      new Response(`${init?.method} ${init?.body}`, { status: 418, headers: { 'X-Echo': 'yes' } }),
  });
  const { status, headers, body } = await send(request);
  expect({ status, echo: headers['x-echo'], body: Buffer.from(body).toString() }).toEqual({
    status: 418,
    echo: 'yes',
    body: 'POST hello',
  });
});

it('turns a rejection into a typed error', async () => {
  const send = fetchTransport({ surface: 'graph', fetch: async () => Promise.reject(new TypeError('fetch failed')) });
  await expect(send(request)).rejects.toMatchObject({ code: 'network_error', recovery: 'retry' });
});
