import { snapshot } from '../strategies/index.ts';
import { collection } from './collection.ts';
import { users } from './users.ts';

export const userInstalledApps = collection({
  name: 'user_installed_apps',
  description: 'Apps that are installed for a user alone, with the version of each.',
  of: users,
  mayBeEmpty: true,
  reads: [
    {
      strategy: snapshot,
      filter: { takes: 'one', properties: { 'teamsApp/externalId': { operators: ['eq'] } } },
      route: '/users/{user-id}/teamwork/installedApps',
      query: '$expand=teamsApp,teamsAppDefinition',
      permissions: [
        'TeamsAppInstallation.ReadForUser.All',
        'TeamsAppInstallation.Read.All',
        'TeamsAppInstallation.ReadWriteForUser.All',
      ],
      source: 'https://learn.microsoft.com/en-us/graph/api/userteamwork-list-installedapps',
    },
  ],
});
