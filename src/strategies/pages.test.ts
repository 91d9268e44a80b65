import { describe, expect, it } from 'vitest';
import { noFiles } from '../../test/support/fake-graph.ts';
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
    file: noFiles,
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

  /** A list whose every page has a new link; it ends after `length`. */
  function endless(recordsOf: (page: number) => readonly string[], length = 1_000_000) {
    let asked = 0;
    const { page: _, ...rest } = serving({});
    const graph: GraphClient = {
      ...rest,
      page: async (): Promise<Page> => {
        const value = recordsOf(asked).map((id) => ({ id, body: 'x'.repeat(600) }));
        asked += 1;
        const nextLink = `https://graph/next?$skiptoken=${asked}`;
        return {
          bytes: new TextEncoder().encode(JSON.stringify({ '@odata.nextLink': nextLink, value })),
          replyLinks: [],
          receivedAtMs: 0,
          serviceTimeMs: 0,
          ...(asked < length && { nextLink }),
        };
      },
    };
    return { graph, asked: () => asked };
  }

  it.each([
    ['the same page', () => ['a', 'b']],
    ['three pages in turn', (page: number) => [`a${page % 3}`]],
    ['the same page with empty ones between', (page: number) => (page % 2 ? [] : ['a'])],
    ['empty pages', () => []],
  ])('end with a typed error when %s comes under ever new links', async (_, recordsOf) => {
    const { graph, asked } = endless(recordsOf);
    await expect(readAll(graph, { url: 'a', route: '/x' }, signal)).rejects.toMatchObject({ code: 'page_loop' });
    expect(asked()).toBeLessThan(1_100);
  });

  it.each([
    ['of five thousand pages', 5000, (page: number) => [`a${page}`]],
    ['whose pages come twice', 400, (page: number) => [`a${page >> 1}`]],
    ['with nine hundred empty pages', 901, (page: number) => (page < 900 ? [] : ['a'])],
  ])('of a real list are all read, %s', async (_, length, recordsOf) => {
    const { graph } = endless(recordsOf, length);
    expect(await readAll(graph, { url: 'a', route: '/x' }, signal)).toHaveLength(length);
  });
});
