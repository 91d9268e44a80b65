import { Secret } from '../runtime/secret.ts';
import { closed, secretIn, whole } from '../settings/fields.ts';
import { section } from '../settings/section.ts';

const DAY_MS = 24 * 3_600_000;

/** The section `outbox` of `sluice.yaml`: where messages wait, and for how long. */
export const outboxSection = section({
  name: 'outbox',
  variables: { SLUICE_OUTBOX_URL: { key: 'url', form: 'text' } },
  schema: (sources) =>
    closed({
      url: secretIn(sources)
        .default(() => new Secret('sqlite:sluice-outbox.db'))
        .describe('sqlite:PATH or postgres://USER@HOST/DB. Default sqlite:sluice-outbox.db.'),
      concurrency: whole(1, 1_000).default(32).describe('Attempts in flight at once.'),
      retention_days: whole(1, 3_650).default(30).describe('How long finished messages are kept.'),
      message_ttl_ms: whole(1_000, 365 * DAY_MS)
        .optional()
        .describe('Messages are not sent later than this.'),
    }),
});
