import { z } from 'zod';
import { closed, filled } from '../../settings/fields.ts';
import { section } from '../../settings/section.ts';
import { timezone } from '../receivers.ts';

/** The section `cards`: what may stand in a card. */
export const cardsSection = section({
  name: 'cards',
  variables: {},
  schema: () =>
    closed({
      links: z
        .enum(['any', 'public'])
        .default('any')
        .describe(
          'Links that people open. any: http and https, internal addresses too. public: https to public hosts.',
        ),
      image_hosts: z
        .array(filled)
        .default([])
        .describe('Hosts that images and media may come from although not public or not https, exact names.'),
      timezone: timezone.default('UTC').describe('Time zone of the times in cards, by its IANA name.'),
    }),
});
