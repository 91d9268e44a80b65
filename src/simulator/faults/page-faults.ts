import { createHash } from 'node:crypto';
import { firstQuery } from '../graph/page.ts';
import { plainPath } from '../protocol/odata-path.ts';
import { editPage, nextLinkOf, relinked, renamed } from './edit-page.ts';
import type { FaultKind } from './fault-kind.ts';

/** The host of links that lead away. Reserved, it resolves nowhere: https://www.rfc-editor.org/rfc/rfc2606 */
const foreignHost = 'graph.elsewhere.example';

/** Faults of pages and their links. */
export const pageFaults: Readonly<Record<string, FaultKind>> = {
  'one-item-pages': {
    summary: 'pages of one row',
    pageLimit: 1,
    change: (answer) => answer,
  },
  'empty-page': {
    summary: 'an empty page whose nextLink leads to the real one',
    change: (answer, hit) =>
      editPage(answer, (page) => {
        const count = hit.memory.size;
        hit.memory.set(String(count), hit.request.url.href);
        return {
          '@odata.context': page['@odata.context'],
          '@odata.nextLink': renamed(hit.request.url, String(count)),
          value: [],
        };
      }),
  },
  'page-loop': {
    summary: 'the nextLink leads to the page itself',
    change: (answer, hit) => editPage(answer, (page) => relinked(page, hit.request.url.href)),
  },
  'page-loop-pair': {
    summary: 'the second page leads back to the first',
    change: (answer, hit) =>
      editPage(answer, (page) => {
        const { href } = hit.request.url;
        const place = listingOf(hit.request.url);
        const first = hit.memory.get(place);
        if (first === undefined || first === href) {
          if (nextLinkOf(page)) hit.memory.set(place, href);
          return undefined;
        }
        return relinked(page, first);
      }),
  },
  'duplicate-rows': {
    summary: 'the last row of a page comes again, on the next page too',
    change: (answer, hit) =>
      editPage(answer, (page) => {
        const before = hit.memory.get(hit.request.url.href);
        const last = page.value.at(-1);
        const next = nextLinkOf(page);
        if (next !== undefined && last !== undefined) hit.memory.set(next, JSON.stringify(last));
        if (before !== undefined) return { ...page, value: [JSON.parse(before), ...page.value] };
        return last === undefined ? undefined : { ...page, value: [...page.value, last] };
      }),
  },
  'empty-listing': {
    summary: 'a listing without rows and without a link, status 200',
    change: (answer) => editPage(answer, ({ '@odata.nextLink': _, ...page }) => shortened(page, [])),
  },
  'shrunken-listing': {
    summary: 'a listing that has only `share` of its rows, the same ones on every page and every time',
    change: (answer, { rule }) =>
      editPage(answer, (page) => {
        const rows = page.value.filter((row) => chanceOf(row) < rule.share);
        return rows.length === page.value.length ? undefined : shortened(page, rows);
      }),
  },
  'unlisted-record': {
    summary: 'a listing without the record that the rule `holds`',
    change: (answer, { held }) =>
      editPage(answer, (page) => {
        const rows = page.value.filter((row) => (row as { id?: unknown } | null)?.id !== held?.id);
        return rows.length === page.value.length ? undefined : shortened(page, rows);
      }),
  },
  'missing-value': {
    summary: 'a page without `value`',
    change: (answer) => editPage(answer, ({ value: _, ...rest }) => rest),
  },
  'both-links': {
    summary: 'a delta page with nextLink and deltaLink',
    change: (answer) =>
      editPage(answer, (page) => {
        const link = nextLinkOf(page) ?? page['@odata.deltaLink'];
        return link === undefined ? undefined : { ...page, '@odata.nextLink': link, '@odata.deltaLink': link };
      }),
  },
  'no-link': {
    summary: 'a delta page without any link',
    change: (answer) =>
      editPage(answer, ({ '@odata.nextLink': next, '@odata.deltaLink': delta, ...rest }) =>
        next === undefined && delta === undefined ? undefined : rest,
      ),
  },
  'foreign-link': {
    summary: 'the nextLink leads to another host (`host`)',
    change: (answer, hit) =>
      editPage(answer, (page) => {
        const link = nextLinkOf(page);
        if (link === undefined) return undefined;
        const away = new URL(link);
        away.host = hit.rule.host ?? foreignHost;
        return relinked(page, away.href);
      }),
  },
};

/** A page with these rows alone; its count says how many. */
function shortened(page: Readonly<Record<string, unknown>>, value: readonly unknown[]): Record<string, unknown> {
  const count = page['@odata.count'];
  if (count === undefined) return { ...page, value };
  return { ...page, '@odata.count': typeof count === 'string' ? String(value.length) : value.length, value };
}

/** A number in [0, 1) that a row keeps. */
function chanceOf(row: unknown): number {
  const id = String((row as { id?: unknown } | null)?.id ?? JSON.stringify(row));
  return createHash('sha1').update(id).digest().readUInt32BE(0) / 0x1_0000_0000;
}

/** What all pages of one list share, whichever form their links have. */
function listingOf(url: URL): string {
  return `${plainPath(url.pathname).toLowerCase()}?${firstQuery(url.searchParams).query}`;
}
