import { snapshot } from '../strategies/index.ts';
import { collection } from './collection.ts';
import { teams } from './teams.ts';

export const channels = collection({
  name: 'channels',
  description: 'Standard and private channels of a team, and the shared channels it hosts.',
  of: teams,
  gives: 'channel-id',
  knownBy: ['displayName', 'membershipType'],
  // Every team has its primary channel, a standard one, for as long as it exists: https://learn.microsoft.com/en-us/graph/api/team-get-primarychannel
  mustHold: {
    what: 'the primary channel of the team, a standard one',
    values: { membershipType: 'standard' },
    record: {
      route: '/teams/{team-id}/primaryChannel',
      query: '$select=id',
      permissions: ['Channel.ReadBasic.All', 'ChannelSettings.Read.All', 'ChannelSettings.ReadWrite.All'],
      source: 'https://learn.microsoft.com/en-us/graph/api/team-get-primarychannel',
    },
    eldestBy: 'createdDateTime',
    usually: { displayName: 'General' },
  },
  whenMissing: (id) => ({
    code: 'channel_not_found',
    message: `Channel ${id} is in none of the teams that were read. \`sluice query "SELECT id FROM channels"\` lists them.`,
  }),
  reads: [
    {
      strategy: snapshot,
      filter: { takes: 'one', properties: { membershipType: { operators: ['eq'] } } },
      route: '/teams/{team-id}/channels',
      permissions: ['Channel.ReadBasic.All', 'ChannelSettings.Read.All', 'ChannelSettings.ReadWrite.All'],
      resourceSpecific: 'ChannelSettings.Read.Group',
      source: 'https://learn.microsoft.com/en-us/graph/api/channel-list',
    },
  ],
});
