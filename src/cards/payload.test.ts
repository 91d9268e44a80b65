import { describe, expect, it } from 'vitest';
import { PlainText } from '../html/plain-text.ts';
import { messageBytes } from './envelope.ts';
import { fitCard } from './fit.ts';
import { BOT, WORKFLOW } from './host-profile.ts';
import { textCard, textMessage, toTeamsPayload } from './payload.ts';

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
      body: [{ type: 'RichTextBlock', inlines: [{ type: 'TextRun', text: 'a *b* <c>' }] }],
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

describe('textCard', () => {
  it.each([
    ['lines', 'word word\n'.repeat(5000), /\n$/],
    ['words', 'word '.repeat(9000), / $/],
    ['one word', '😀'.repeat(10_000), /$/],
  ])('lets a long text of %s be split without losing any of it', (_, text, end) => {
    const { cards, how } = fitCard(textCard(text), WORKFLOW);
    expect(how).toBe('split');
    const shown = cards.flatMap((card) => (card['body'] as object[]).slice(1).map(ownText));
    const squeezed = (value: string) => value.replace(/\s+/g, '');
    expect(squeezed(shown.join(''))).toBe(squeezed(text.replace(end, '')));
  });
});

function ownText(element: { text?: string; inlines?: { text: string }[] }): string {
  return element.text ?? element.inlines!.map(({ text }) => text).join('');
}
