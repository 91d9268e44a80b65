import type { Column } from '../../schema/column.ts';

/** The settings objects of a team. https://learn.microsoft.com/en-us/graph/api/resources/team */
export const teamSettings = {
  memberSettings: {
    type: {
      struct: {
        allowAddRemoveApps: 'boolean',
        allowCreatePrivateChannels: 'boolean',
        allowCreateUpdateChannels: 'boolean',
        allowCreateUpdateRemoveConnectors: 'boolean',
        allowCreateUpdateRemoveTabs: 'boolean',
        allowDeleteChannels: 'boolean',
      },
    },
    description: 'What members may do.',
  },
  guestSettings: {
    type: { struct: { allowCreateUpdateChannels: 'boolean', allowDeleteChannels: 'boolean' } },
    description: 'What guests may do.',
  },
  messagingSettings: {
    type: {
      struct: {
        allowChannelMentions: 'boolean',
        allowOwnerDeleteMessages: 'boolean',
        allowTeamMentions: 'boolean',
        allowUserDeleteMessages: 'boolean',
        allowUserEditMessages: 'boolean',
      },
    },
    description: 'What may be done with messages.',
  },
  funSettings: {
    type: {
      struct: {
        allowCustomMemes: 'boolean',
        allowGiphy: 'boolean',
        allowStickersAndMemes: 'boolean',
        giphyContentRating: 'string',
      },
    },
    description: 'Giphy, memes and stickers.',
  },
  discoverySettings: {
    type: { struct: { showInTeamsSearchAndSuggestions: 'boolean' } },
    description: 'Whether people who are not in it find a private team.',
  },
  tagSettings: { type: 'json', description: 'Who may make and use tags.' },
} as const satisfies Record<string, Column>;
