import { z } from 'zod';
import { closed } from '../../settings/fields.ts';
import { section } from '../../settings/section.ts';

const httpUrl = z
  .url({ protocol: /^https?$/, error: 'Must be an http or https URL.' })
  .transform((text) => text.replace(/\/+$/, ''));

/** The section `endpoints`: another Graph and another login than those of the cloud. */
export const endpointsSection = section({
  name: 'endpoints',
  variables: {
    TEAMS_GRAPH_URL: { key: 'graph_url', form: 'text' },
    TEAMS_LOGIN_URL: { key: 'login_url', form: 'text' },
  },
  schema: () =>
    closed({
      graph_url: httpUrl.optional().describe("Graph base URL with version, when it is not the cloud's own."),
      login_url: httpUrl.optional().describe("Login base URL, when it is not the cloud's own."),
    }),
});
