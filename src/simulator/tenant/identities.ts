import type { TwinChannel, TwinChat, TwinMention, TwinUser } from './types.ts';

/** People of other tenants are told apart. https://learn.microsoft.com/graph/api/resources/teamworkuseridentity */
export const userIdentityType = ({ homeTenantId }: TwinUser): 'aadUser' | 'federatedUser' =>
  homeTenantId === undefined ? 'aadUser' : 'federatedUser';

/** A `teamworkUserIdentity`; system events and reactions name people by id only. */
export function userIdentity(user: TwinUser, options: { named: boolean }): Readonly<Record<string, unknown>> {
  return {
    '@odata.type': '#microsoft.graph.teamworkUserIdentity',
    id: user.id,
    displayName: options.named ? user.displayName : null,
    userIdentityType: userIdentityType(user),
  };
}

/** https://learn.microsoft.com/graph/api/resources/chatmessagemention */
export function userMention(id: number, user: TwinUser): TwinMention {
  const mentioned = { application: null, device: null, user: userIdentity(user, { named: true }), conversation: null };
  return { id, mentionText: user.displayName, mentioned };
}

/** A mention of everybody in a channel. */
export function channelMention(id: number, channel: TwinChannel): TwinMention {
  const conversation = { id: channel.id, displayName: channel.displayName, conversationIdentityType: 'channel' };
  return {
    id,
    mentionText: channel.displayName,
    mentioned: { application: null, device: null, user: null, conversation },
  };
}

/** A mention of everybody in a chat. */
export function chatMention(id: number, chat: TwinChat): TwinMention {
  const conversation = { id: chat.id, displayName: 'Everyone', conversationIdentityType: 'chat' };
  return { id, mentionText: 'Everyone', mentioned: { application: null, device: null, user: null, conversation } };
}

/** A mention of everybody who wears a tag. https://learn.microsoft.com/graph/api/resources/teamworktagidentity */
export function tagMention(id: number, tag: { readonly id: string; readonly displayName: string }): TwinMention {
  return {
    id,
    mentionText: tag.displayName,
    mentioned: { application: null, device: null, user: null, conversation: null, tag },
  };
}

/** The mark in an HTML body that a mention of this id stands behind. */
export function mentionMark({ id, mentionText }: TwinMention): string {
  return `<at id="${id}">${escapeHtml(mentionText)}</at>`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
