import { installedApps as resource } from '../resources/installed-apps.ts';
import { installationColumns } from './columns/teams-app.ts';
import { table } from './table.ts';

export const installedApps = table({
  name: 'installed_apps',
  description: 'Which apps are installed in which team, and in what version.',
  resource,
  ingestionType: 'snapshot',
  primaryKey: ['team_id', 'id'],
  columns: {
    team_id: { type: 'id', from: '$context.team_id', description: 'The team.' },
    ...installationColumns,
  },
});
