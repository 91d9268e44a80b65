import { snapshot } from '../strategies/index.ts';
import { collection } from './collection.ts';
import { teams } from './teams.ts';

export const installedApps = collection({
  name: 'installed_apps',
  description: 'Apps that are installed in a team, with the version of each.',
  of: teams,
  mayBeEmpty: true,
  reads: [
    {
      strategy: snapshot,
      filter: { takes: 'one', properties: { 'teamsApp/externalId': { operators: ['eq'] } } },
      route: '/teams/{team-id}/installedApps',
      query: '$expand=teamsApp,teamsAppDefinition',
      permissions: [
        'TeamsAppInstallation.ReadForTeam.All',
        'TeamsAppInstallation.Read.All',
        'TeamsAppInstallation.ReadWriteForTeam.All',
      ],
      resourceSpecific: 'TeamsAppInstallation.Read.Group',
      source: 'https://learn.microsoft.com/en-us/graph/api/team-list-installedapps',
    },
  ],
});
