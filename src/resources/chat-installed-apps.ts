import { snapshot } from '../strategies/index.ts';
import { chats } from './chats.ts';
import { collection } from './collection.ts';

export const chatInstalledApps = collection({
  name: 'chat_installed_apps',
  description: 'Apps that are installed in a chat, with the version of each.',
  of: chats,
  mayBeEmpty: true,
  reads: [
    {
      strategy: snapshot,
      filter: { takes: 'one', properties: { 'teamsApp/externalId': { operators: ['eq'] } } },
      route: '/chats/{chat-id}/installedApps',
      query: '$expand=teamsApp,teamsAppDefinition',
      permissions: [
        'TeamsAppInstallation.ReadForChat.All',
        'TeamsAppInstallation.Read.All',
        'TeamsAppInstallation.ReadWriteForChat.All',
      ],
      resourceSpecific: 'TeamsAppInstallation.Read.Chat',
      source: 'https://learn.microsoft.com/en-us/graph/api/chat-list-installedapps',
    },
  ],
});
