import { z } from 'zod';
import { isGuid } from '../../runtime/guid.ts';
import { closed, pathIn, secretIn } from '../../settings/fields.ts';
import type { ReferenceSources } from '../../settings/references.ts';
import { section } from '../../settings/section.ts';

const guid = z.string().refine(isGuid, 'Must be a GUID.');
const LOOPBACK = /^https?:\/\/(127\.0\.0\.1|localhost|\[::1\])(:\d+)?\/?$/;

/** The section `bot`: the bot that `sluice serve` has beside the rest. */
export const botSection = section({
  name: 'bot',
  variables: {
    TEAMS_BOT_APP_ID: { key: 'app_id', form: 'text' },
    TEAMS_BOT_APP_SECRET: { key: 'app_secret', form: 'text' },
    TEAMS_BOT_TENANTS: { key: 'tenants', form: 'list' },
    TEAMS_BOT_TWIN_URL: { key: 'twin_url', form: 'text' },
  },
  schema: botSchema,
});

function botSchema(sources: ReferenceSources) {
  return closed({
    handlers: pathIn(sources)
      .optional()
      .describe('Module whose default export is given the bot and adds handlers to it. With it the server has a bot.'),
    app_id: guid.optional().describe('Application (client) id of the Azure bot. Needed with handlers.'),
    app_secret: secretIn(sources).optional().describe('Its secret. Without one the bot listens and does not speak.'),
    tenants: z.array(guid).min(1).optional().describe('Tenants that the bot serves. Default: auth.tenant_id.'),
    twin_url: z
      .string()
      .regex(LOOPBACK, 'Must be the URL of a twin on this machine.')
      .optional()
      .describe('A twin on this machine in place of Teams: the URL that `sluice simulate` prints.'),
  }).refine(({ handlers, app_id: appId }) => handlers === undefined || appId !== undefined, {
    path: ['app_id'],
    error: 'A bot needs its application id: without it no token could be checked.',
  });
}
