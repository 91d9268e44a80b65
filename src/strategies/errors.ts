import { clientError } from '../errors/client-rules.ts';
import { defineErrors } from '../errors/define-errors.ts';
import type { SluiceError } from '../errors/sluice-error.ts';

const route = '/teams/{team-id}/channels/{channel-id}/messages';
const requestOf = (facts: { readonly route: string }) => ({ method: 'GET', route: facts.route });

export const strategyErrors = defineErrors('graph', {
  moving_too_fast: {
    recovery: 'retry',
    cause: 'A list or a time range changed faster than it could be read.',
    remedy: 'What was read is kept; the next run goes on.',
    example: { route, partition: 'channel:19:general@thread.tacv2' },
    says: ({ route: asked, partition }) =>
      `[GET ${asked}] Messages of ${partition} changed faster than they could be read.`,
    request: requestOf,
  },
  hosted_content_too_large: {
    recovery: 'skip',
    cause: 'A picture or a piece of code of a message is larger than is to be kept.',
    remedy: 'Its row says its size where the service does. A sync with a larger limit fetches it: --hosted-content-mb.',
    example: {
      route: `${route}/{message-id}/hostedContents/{hosted-content-id}/$value`,
      size: 30_000_000 as number | null,
    },
    says: ({ route: asked }) => `[GET ${asked}] The content is larger than is to be kept.`,
    request: requestOf,
    details: ({ size }) => (size === null ? {} : { size }),
  },
  hosted_contents_unread: {
    recovery: 'skip',
    cause:
      'Pictures or code of messages could not be fetched: the service refused them or does not have them, or they are larger than was asked for.',
    remedy: 'The rows of the table say which, why, and when they are tried again. Larger ones: --hosted-content-mb.',
    example: {
      route: `${route}/{message-id}/hostedContents/{hosted-content-id}/$value`,
      count: 3,
      code: 'not_found',
      table: 'hosted_content_files',
    },
    says: ({ route: asked, count, code, table }) =>
      `[GET ${asked}] ${count} of the contents that messages name are not in the lake: ${code}. The rows of ${table} say which.`,
    request: requestOf,
    details: ({ count, code }) => ({ count, reason: code }),
  },
  meeting_records_cut: {
    recovery: 'skip',
    cause:
      'A meeting has more attendance reports than the service lists, and the older ones were not read while it listed them.',
    remedy:
      'Those that it lists are in the lake. Run more often: a series is looked at after each occurrence, and once a week.',
    example: { route: '/users/{user-id}/onlineMeetings/{meeting-id}/attendanceReports', atMost: 50 },
    says: ({ route: asked, atMost }) =>
      `[GET ${asked}] The service lists the ${atMost} newest only; if there are older ones, they cannot be had.`,
    request: requestOf,
    details: ({ atMost }) => ({ atMost }),
  },
  page_loop: {
    recovery: 'retry',
    cause: 'A link came a second time, or the same pages came again and again under new links.',
    remedy: 'Nothing was lost: the position stays where it was, the next run reads again.',
    example: { route },
    says: ({ route: asked }) =>
      `[GET ${asked}] The service gave the same pages again and again; the listing has no end.`,
    request: requestOf,
  },
  position_invalid: {
    recovery: 'user_action',
    cause: 'A read position in the lake was written by a newer Sluice, or changed by hand.',
    remedy: 'It was written by a newer Sluice, or changed by hand. Run the newer one, or sync into a new lake.',
    example: { partition: 'channel:19:general@thread.tacv2', place: 'through' },
    says: ({ partition, place }) => `The stored position of ${partition} cannot be read (at "${place}").`,
    details: ({ partition }) => ({ partition }),
  },
});

/** A record of a page is no JSON: the page is landed without it. */
export function recordLost(asked: string): SluiceError {
  return clientError('page_invalid', { method: 'GET', route: asked }, { surface: 'graph' });
}
