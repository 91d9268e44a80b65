import { describe, expect, it } from 'vitest';
import { PlainText } from '../html/plain-text.ts';
import { messageBytes } from './envelope.ts';
import { fitCard, MAX_TEXT_PARTS } from './fit.ts';
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
      fallbackText: 'a *b* <c>',
      speak: 'a *b* <c>',
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
    const { cards, how, charactersNotSent } = fitCard(textCard(text), WORKFLOW);
    expect({ how, charactersNotSent }).toEqual({ how: 'split', charactersNotSent: 0 });
    const shown = cards.flatMap((card) => (card['body'] as object[]).slice(1).map(ownText));
    const squeezed = (value: string) => value.replace(/\s+/g, '');
    expect(squeezed(shown.join(''))).toBe(squeezed(text.replace(end, '')));
  });
});

describe('a text that needs more messages than there may be', () => {
  const parts = (text: string, options = {}) => {
    const { cards, how, charactersNotSent } = fitCard(textCard(text), WORKFLOW, { maxParts: 2, ...options });
    const shown = cards.map((card) => (card['body'] as object[]).map(ownText).join('\n')).join('\n');
    for (const card of cards) expect(messageBytes(card, WORKFLOW)).toBeLessThanOrEqual(WORKFLOW.maxBytes);
    return { how, charactersNotSent, shown, count: cards.length };
  };
  const log = Array.from({ length: 9_000 }, (_, index) => `    line ${index} ok`).join('\n');
  const prose = Array.from({ length: 40 }, (_, index) => `${index} ${'word '.repeat(500)}`).join('\n');

  it('is all there when it fits into them, 270 KB too', () => {
    const { how, charactersNotSent } = fitCard(textCard('x y <z>\n'.repeat(34_000)), WORKFLOW, {
      maxParts: MAX_TEXT_PARTS,
    });
    expect({ how, charactersNotSent }).toEqual({ how: 'split', charactersNotSent: 0 });
  });

  it('keeps the end of a log and says how much is missing before it', () => {
    for (const prefer of ['split', 'shorten'] as const) {
      const { how, charactersNotSent, shown, count } = parts(log, { prefer });
      expect({ how, count }).toEqual({ how: 'shortened', count: prefer === 'split' ? 2 : 1 });
      expect(shown).toContain('line 8999 ok');
      expect(shown).not.toContain('line 0 ok');
      expect(shown).toMatch(/shortened: \d+ characters before this were not sent/);
      expect(charactersNotSent).toBeGreaterThan(10_000);
    }
  });

  it('keeps the beginning of anything else and says how much is missing after it', () => {
    const { charactersNotSent, shown } = parts(prose);
    expect(shown).toContain('0 word');
    expect(shown).toMatch(/shortened: \d+ characters after this were not sent/);
    expect(charactersNotSent).toBeGreaterThan(10_000);
  });
});

describe('a blank text', () => {
  it.each(['', '  \n', '\u200b\u200d', '\u202e\u0007'])('is refused: %j', (text) => {
    expect(() => textCard(text)).toThrow(expect.objectContaining({ code: 'text_blank' }));
    expect(() => toTeamsPayload(text)).toThrow(expect.objectContaining({ code: 'text_blank' }));
  });
});

function ownText(element: { text?: string; inlines?: { text: string }[] }): string {
  return element.text ?? element.inlines!.map(({ text }) => text).join('');
}
