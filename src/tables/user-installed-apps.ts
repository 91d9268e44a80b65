import { userInstalledApps as resource } from '../resources/user-installed-apps.ts';
import { installationColumns } from './columns/teams-app.ts';
import { table } from './table.ts';

export const userInstalledApps = table({
  name: 'user_installed_apps',
  description: 'Which apps are installed for which user alone, and in what version.',
  resource,
  ingestionType: 'snapshot',
  primaryKey: ['user_id', 'id'],
  columns: {
    user_id: { type: 'id', from: '$context.user_id', description: 'The user.' },
    ...installationColumns,
  },
});
