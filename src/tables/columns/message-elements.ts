import type { AddressedNames, Column } from '../../schema/column.ts';
import { identitySet, mentionedIdentitySet } from './identity.ts';

// What a row of an exploded table says of its element: the same for messages of channels and of chats.

export const attachmentColumns = {
  id: {
    type: 'string',
    from: ['$element.id', '$ordinal'],
    description: 'Attachment id; `#<place in the list>` where there is none.',
  },
  contentType: { type: 'string', from: '$element.contentType', description: 'reference, a card type, …' },
  contentUrl: { type: 'string', from: '$element.contentUrl', description: 'Link to the content.' },
  content: { type: 'string', from: '$element.content', description: 'The card, as JSON text.' },
  name: { type: 'string', from: '$element.name', description: 'File name.' },
  thumbnailUrl: { type: 'string', from: '$element.thumbnailUrl', description: 'Link to a thumbnail.' },
  teamsAppId: { type: 'string', from: '$element.teamsAppId', description: 'App that sent the card.' },
} as const satisfies Record<string, Column>;

/**
 * Where a message names its hosted contents: in its text, in code snippets and cards, and as the picture of a custom
 * reaction. https://learn.microsoft.com/en-us/graph/api/resources/chatmessagehostedcontent
 */
export const hostedContentNames = {
  names: 'hostedContents',
  in: [
    'body.content',
    'attachments.content',
    'attachments.contentUrl',
    'attachments.thumbnailUrl',
    'reactions.reactionContentUrl',
  ],
} as const satisfies AddressedNames;

export const hostedContentColumns = {
  id: { type: 'string', from: '$element', description: 'Id of the content, as the message names it.' },
} as const satisfies Record<string, Column>;

export const mentionColumns = {
  id: { type: 'int32', from: ['$element.id', '$ordinal'], description: 'Matches <at id="…"> in the text.' },
  mentionText: { type: 'string', from: '$element.mentionText', description: 'Text of the mention.' },
  mentioned: { type: mentionedIdentitySet, from: '$element.mentioned', description: 'Who or what is mentioned.' },
} as const satisfies Record<string, Column>;

export const reactionColumns = {
  user_id: {
    type: 'id',
    from: ['$element.user.user.id', '$element.user.application.id', '$element.user.device.id', '$ordinal'],
    description: 'Who reacted; `#<place in the list>` where the service does not say.',
  },
  reaction_type: {
    type: 'string',
    from: ['$element.reactionType', '$ordinal'],
    description: 'like, heart, … or an emoji.',
  },
  displayName: { type: 'string', from: '$element.displayName', description: 'Name of the reaction.' },
  reactionContentUrl: {
    type: 'string',
    from: '$element.reactionContentUrl',
    description: 'Picture of a custom reaction.',
  },
  custom_name: {
    type: 'string',
    from: '$element.displayName',
    onlyWhen: { path: 'reactionType', is: 'custom' },
    description: 'Tells custom reactions apart: its name; empty for others.',
  },
  custom_picture: {
    type: 'string',
    from: '$element.reactionContentUrl',
    onlyWhen: { path: 'reactionType', is: 'custom' },
    description: 'Tells custom reactions apart: its picture; empty for others.',
  },
  createdDateTime: { type: 'timestamp', from: '$element.createdDateTime', description: 'When it was given.' },
  user: { type: identitySet, from: '$element.user', description: 'Who reacted, as the service says it.' },
} as const satisfies Record<string, Column>;
