import { defineCodes } from '../errors/define-errors.ts';

/** What is told of a record that was asked for by its id and that no listing has. */
export const missingRecords = defineCodes(
  'graph',
  {
    channel_not_found: {
      cause: 'A channel that was asked for by its id is in none of the teams that were read.',
      remedy: 'Look for its id with `sluice query "SELECT id FROM channels"`.',
      example: 'Channel 19:a1b2@thread.tacv2 is in none of the teams that were read.',
    },
    chat_not_found: {
      cause: 'A chat that was asked for by its id is in the list of none of the users that were read.',
      remedy: 'Look for its id with `sluice query "SELECT id FROM chats"`.',
      example: 'Chat 19:a1b2@thread.v2 is in the list of none of the users that were read.',
    },
  },
  'skip',
);
