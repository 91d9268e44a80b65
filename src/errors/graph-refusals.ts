import type { ClientErrorCode } from './client-rules.ts';
import { isSluiceError, type SluiceError } from './sluice-error.ts';

// What a failed read means for what is read next. Whoever reads asks here: an answer's status says it nowhere else.

/** The service refused, for good: it is not out, and its answer was one. Asking again would come to the same. */
export const isRefusal = (error: unknown): boolean =>
  isSluiceError(error) && error.surface === 'graph' && [402, 403, 404, 405, 451].includes(statusOf(error));

/** The service refuses what was asked as such, not who asks or how much. */
export const isBadRequest = (error: unknown): boolean => statusOf(error) === 400;

/** The service no longer takes a link it gave: an invalid token, one that is too old, one of the host that was asked before. */
export const isRefusedLink = (error: unknown): boolean =>
  isBadRequest(error) || statusOf(error) === 410 || (isSluiceError(error) && OF_A_LINK.has(error.code));

/** The service failed at what was asked, or answered with something that is no page: smaller pages may leave out what is bad. */
export function isFailureOfAPage(error: unknown): boolean {
  return statusOf(error) >= 500 || (isSluiceError(error) && OF_A_PAGE.has(error.code));
}

/** True when an error may be that of one page: others of the same list can be read. */
export function mayBeOfOnePage(error: unknown): boolean {
  if (!isSluiceError(error) || error.surface !== 'graph') return false;
  return !OF_THE_READER.has(error.code) && !OF_THE_READER_STATUSES.has(statusOf(error));
}

/** True when an error may be that of one listing: others can be read. */
export const mayBeOfOneListing = (error: unknown): boolean =>
  isRefusal(error) || mayBeOfOnePage(error) || isCircuitOpen(error);

/** An endpoint of one place was out again and again, and is left alone for a while. */
export const isCircuitOpen = (error: unknown): boolean => isSluiceError(error) && error.code === OPEN;

/** The user of the request has no licence for Teams, or no mailbox: a fact about them, and no failure of who asks. */
export const isUnlicensed = (error: unknown): boolean =>
  isSluiceError(error) && OF_A_USER.has(error.code) && (error.request?.route.includes('{user-id}') ?? false);

const OF_A_USER: ReadonlySet<string> = new Set(['licence_missing', 'mailbox_missing']);

/** A refusal of every meeting that the user of the request organises: asking for another one would come to the same. */
export const isOfAccount = (error: unknown): boolean => isSluiceError(error) && error.code === 'access_policy_missing';

/**
 * The application lacks a role, and the answer says so: it names those that would do, or is that of the directory. It holds
 * wherever the same is asked.
 *
 * @see https://learn.microsoft.com/en-us/graph/resolve-auth-errors#403-forbidden-or-access-denied
 */
export const namesMissingPermission = (error: unknown): error is SluiceError =>
  isSluiceError(error) &&
  error.code === 'permission_missing' &&
  (listed(error, 'required').length > 0 || listed(error, 'graphCodes').includes('Authorization_RequestDenied'));

/** A refusal that may be of the application or of one record: the answer gives no reason. */
export const saysNothingOfWhy = (error: unknown): error is SluiceError =>
  isSluiceError(error) && (error.code === 'permission_missing' || error.code === 'forbidden_unexplained');

const listed = ({ details }: SluiceError, name: string): readonly string[] => {
  const detail = details[name];
  return Array.isArray(detail) ? (detail as readonly string[]) : [];
};

const OPEN: ClientErrorCode = 'circuit_open';

const OF_A_LINK: ReadonlySet<string> = new Set<ClientErrorCode | 'delta_expired'>([
  'delta_expired',
  'kept_link_foreign',
]);

const OF_A_PAGE: ReadonlySet<string> = new Set<ClientErrorCode>(['page_invalid', 'timeout', 'body_too_large']);

/** Refusals that are not about one page: who asks, where, or how much. */
const OF_THE_READER: ReadonlySet<string> = new Set<ClientErrorCode | 'moving_too_fast' | 'position_invalid'>([
  'throttled',
  OPEN,
  'network_error',
  'certificate_untrusted',
  'host_not_allowed',
  'moving_too_fast',
  'position_invalid',
]);
const OF_THE_READER_STATUSES: ReadonlySet<number> = new Set([401, 402, 403, 405, 429, 501]);

/** The status of the answer; 0: there was none. */
const statusOf = (error: unknown): number => (isSluiceError(error) ? (error.request?.status ?? 0) : 0);
