import type { Secret } from '../../runtime/secret.ts';

/** An app that may log in, as an administrator registered it. */
export interface AppRegistration {
  readonly clientId: string;
  readonly clientSecret: Secret;
  /** PEM of the certificate whose key may sign client assertions. */
  readonly certificatePem?: string;
  /** Application permissions that are granted: the `roles` of its next token. An administrator may change them. */
  permissions: readonly string[];
}

/** What a whole read of the tenant needs, least privileged. */
export const readPermissions: readonly string[] = [
  'Team.ReadBasic.All',
  'TeamSettings.Read.All',
  'Channel.ReadBasic.All',
  'ChannelMessage.Read.All',
  'TeamMember.Read.All',
  'ChannelMember.Read.All',
  'Chat.ReadBasic.All',
  'Chat.Read.All',
  'ChatMember.Read.All',
  'User.Read.All',
  'GroupMember.Read.All',
];
