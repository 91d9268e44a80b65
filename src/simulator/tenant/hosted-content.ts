import { createHash } from 'node:crypto';
import type { TwinChatMessage, TwinHostedContent, TwinMessage } from './types.ts';

const GRAPH = 'https://graph.microsoft.com/v1.0';
const PNG = Buffer.from('89504e470d0a1a0a', 'hex');
/** What a custom reaction shows. */
const REACTION_BYTES = 900;

/** An id as Graph gives it: the address of the picture inside of Microsoft, in base64. */
export function hostedContentId(object: string): string {
  const url = `https://us-api.asm.skype.com/v1/objects/${object}/views/imgo`;
  return Buffer.from(`id=x_${object},type=1,url=${url}`).toString('base64');
}

/** The bytes of a content, of its own size. */
export function hostedBytes({ contentType, size, seed }: TwinHostedContent): Buffer {
  if (size === 0) return Buffer.alloc(0);
  const noise = createHash('shake256', { outputLength: size }).update(seed).digest();
  return contentType === 'image/png' ? Buffer.concat([PNG, noise]).subarray(0, size) : noise;
}

/** Where a content is read. The message stands right before it: for a reply, after its root. */
export function hostedAddress(message: TwinMessage | TwinChatMessage, id: string): string {
  const place =
    'chat' in message
      ? `chats/${message.chat.id}/messages`
      : `teams/${message.channel.teamId}/channels/${message.channel.id}/messages${message.root ? `/${message.root.id}/replies` : ''}`;
  return `${GRAPH}/${place}/${message.id}/hostedContents/${id}/$value`;
}

/** The pictures of a text, as Teams writes them into its HTML. */
export const pictureMarks = (message: TwinMessage | TwinChatMessage): string =>
  message.hostedContents
    .filter(({ shownIn }) => shownIn === 'text')
    .map(
      ({ id }) =>
        `<div><div><div><span><img height="145" src="${hostedAddress(message, id)}" width="131" style="vertical-align:bottom; width:131px; height:145px"></span></div></div></div>`,
    )
    .join('');

/** All that is kept for a message: its own contents, and the pictures of the custom reactions on it. */
export function keptFor(message: TwinMessage | TwinChatMessage): readonly TwinHostedContent[] {
  const reactions = message.reactions.flatMap(({ custom }): TwinHostedContent[] => {
    const [owner, , id] = custom?.contentUrl.split('/').slice(-4) ?? [];
    if (owner !== message.id || id === undefined) return [];
    return [{ id, contentType: 'image/gif', size: REACTION_BYTES, seed: id, shownIn: 'attachment' }];
  });
  return [...message.hostedContents, ...reactions];
}
