import { describe, expect, it } from 'vitest';
import type { GraphClient, Page } from '../graph/types.ts';
import { readAll } from './pages.ts';

const signal = new AbortController().signal;

function serving(links: Readonly<Record<string, string | undefined>>): GraphClient {
  return {
    page: async ({ url }): Promise<Page> => ({
      bytes: new TextEncoder().encode('{"value":[]}'),
      replyLinks: [],
      receivedAtMs: 0,
      serviceTimeMs: 0,
      ...(links[url] !== undefined && { nextLink: links[url] }),
    }),
    permissions: async () => new Set(),
    stats: { requests: 0, throttled: 0, retried: 0, waitedMs: 0, stopped: false, byRoute: {} },
    close: async () => {},
  };
}

describe('pages of a listing', () => {
  it('end only where no next link is given: an empty page is not the end', async () => {
    expect(await readAll(serving({ a: 'b', b: 'c' }), { url: 'a', route: '/x' }, signal)).toHaveLength(3);
  });

  it.each([
    ['a page that names itself', { a: 'a' }],
    ['two pages that name each other', { a: 'b', b: 'a' }],
    ['a loop behind the start', { a: 'b', b: 'c', c: 'b' }],
  ])('end with a typed error at %s', async (_, links) => {
    await expect(readAll(serving(links), { url: 'a', route: '/x' }, signal)).rejects.toMatchObject({
      code: 'page_loop',
      recovery: 'retry',
    });
  });
});
