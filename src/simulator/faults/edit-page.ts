import { bodyText, type TwinAnswer } from '../protocol/exchange.ts';

/** A page as a record. */
export type PageRecord = Record<string, unknown> & { value: unknown[] };

/** Changes a page that is about to be sent. Undefined from `edit`, or an answer that is no page: nothing to change. */
export function editPage(
  answer: TwinAnswer,
  edit: (page: PageRecord) => Record<string, unknown> | undefined,
): TwinAnswer | undefined {
  if (answer.status !== 200 || !isJson(answer)) return undefined;
  const page = JSON.parse(bodyText(answer)) as Record<string, unknown>;
  if (!Array.isArray(page['value'])) return undefined;
  const changed = edit(page as PageRecord);
  return changed && { ...answer, body: JSON.stringify(changed) };
}

/** Pictures are answers too. */
export const isJson = ({ headers }: TwinAnswer): boolean => /^application\/json\b/i.test(headers['content-type'] ?? '');

/** A page that points on. */
export function nextLinkOf(page: PageRecord): string | undefined {
  const link = page['@odata.nextLink'];
  return typeof link === 'string' ? link : undefined;
}

/** The page with another nextLink, if it has one. */
export function relinked(page: PageRecord, link: string): PageRecord | undefined {
  return nextLinkOf(page) === undefined ? undefined : { ...page, '@odata.nextLink': link };
}

/** The same page under another address, so that nothing that watches for repeated links stops there. */
export function renamed(url: URL, mark: string): string {
  const other = new URL(url);
  other.searchParams.set('twin', mark);
  return other.href;
}
