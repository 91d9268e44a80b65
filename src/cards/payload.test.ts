import { describe, expect, it } from 'vitest';
import { PlainText } from '../html/plain-text.ts';
import { messageBytes } from './envelope.ts';
import { BOT, WORKFLOW } from './host-profile.ts';
import { textMessage, toTeamsPayload } from './payload.ts';

const card = { type: 'AdaptiveCard', version: '1.4', body: [] } as const;
const contentType = 'application/vnd.microsoft.card.adaptive';

describe('toTeamsPayload', () => {
  it('wraps a card the way a Workflows webhook wants it', () => {
    expect(toTeamsPayload(card)).toEqual({
      type: 'message',
      attachments: [{ contentType, contentUrl: null, content: card }],
    });
  });

  it('wraps a card the way a bot sends it', () => {
    expect(toTeamsPayload(card, BOT)).toEqual({ type: 'message', attachments: [{ contentType, content: card }] });
  });

  it('makes a card of a text, which means itself', () => {
    const expected = {
      type: 'AdaptiveCard',
      version: '1.4',
      body: [{ type: 'TextBlock', text: 'a \\*b\\* &lt;c&gt;', wrap: true }],
    };
    expect(toTeamsPayload('a *b* <c>').attachments[0].content).toEqual(expected);
    expect(textMessage(new PlainText('a *b* <c>'))).toEqual(expected);
  });

  it('is what the size limit is measured on', () => {
    const body = JSON.stringify(toTeamsPayload('ä'));
    expect(messageBytes(textMessage('ä'), WORKFLOW)).toBe(Buffer.byteLength(body));
    expect(messageBytes(textMessage('ä', BOT), BOT)).toBe(JSON.stringify(toTeamsPayload('ä', BOT)).length * 2);
  });

  it('refuses a text that is too long', () => {
    expect(() => textMessage('x'.repeat(30_000))).toThrow(expect.objectContaining({ code: 'card_invalid' }));
  });
});
