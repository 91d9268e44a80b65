/** The tables of teams, channels and users: what most stories are about. Chats, apps, tabs, tags and calls have their own. */
export const TEAM_TABLES: readonly string[] = [
  'teams',
  'users',
  'channels',
  'members',
  'member_roles',
  'channel_members',
  'messages',
  'message_replies',
  'message_reactions',
  'message_mentions',
  'message_attachments',
  'hosted_contents',
];

/** The same as an option of commands. */
export const ofTeamTables: readonly string[] = ['--tables', TEAM_TABLES.join(',')];
