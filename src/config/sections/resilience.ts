import type { z } from 'zod';
import { closed, whole } from '../../settings/fields.ts';
import { section } from '../../settings/section.ts';

const milliseconds = whole;
const HOUR_MS = 3_600_000;

/** The section `resilience`: retries, waits and time limits. @param own - what notifiers add to it */
export const resilienceSection = (own: Readonly<Record<string, z.ZodType>>) =>
  section({
    name: 'resilience',
    variables: {
      TEAMS_MAX_RETRIES: { key: 'max_retries', form: 'number' },
      TEAMS_REQUEST_TIMEOUT_MS: { key: 'request_timeout_ms', form: 'number' },
    },
    schema: () =>
      closed({
        ...own,
        max_retries: whole(0, 20)
          .optional()
          .describe('Retries after the first attempt. Default: 6 reading, 9 sending.'),
        initial_backoff_ms: milliseconds(1, HOUR_MS)
          .optional()
          .describe('Longest wait before the first retry; it grows with each. Default: 500 reading, 1000 sending.'),
        max_backoff_ms: milliseconds(1, 24 * HOUR_MS)
          .optional()
          .describe(
            'Longest wait before any retry, unless the service asks for more. Default: 20 s reading, 10 h sending.',
          ),
        circuit_breaker_threshold: whole(1, 1_000)
          .default(5)
          .describe('Failures in a row after which an endpoint of Graph or of a receiver is left alone.'),
        circuit_breaker_timeout_ms: milliseconds(100, HOUR_MS)
          .optional()
          .describe('Time until it is probed again. Default: 10 s reading, 30 s sending.'),
        request_timeout_ms: milliseconds(100, 600_000)
          .default(30_000)
          .describe('Time limit of one request, reading and sending.'),
        connection_timeout_ms: milliseconds(100, 60_000)
          .default(10_000)
          .describe('Time limit for opening a connection, reading and sending.'),
        bot_rate_limit_per_second: whole(1, 7)
          .default(7)
          .describe('For the bot only, which is still to come: messages per conversation. The published limit is 7.'),
      }).refine(
        ({ initial_backoff_ms: first, max_backoff_ms: most }) =>
          first === undefined || most === undefined || first <= most,
        { path: ['max_backoff_ms'], error: 'Must not be less than initial_backoff_ms.' },
      ),
  });
