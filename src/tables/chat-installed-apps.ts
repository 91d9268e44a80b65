import { chatInstalledApps as resource } from '../resources/chat-installed-apps.ts';
import { installationColumns } from './columns/teams-app.ts';
import { table } from './table.ts';

export const chatInstalledApps = table({
  name: 'chat_installed_apps',
  description: 'Which apps are installed in which chat, and in what version.',
  resource,
  ingestionType: 'snapshot',
  primaryKey: ['chat_id', 'id'],
  columns: {
    chat_id: { type: 'id', from: '$context.chat_id', description: 'The chat.' },
    ...installationColumns,
  },
});
