import { describe, expect, it } from 'vitest';
import { messageBytes } from './envelope.ts';
import { SHORTENED } from './fit/characters.ts';
import { cutText } from './fit/shorten.ts';
import { fitCard } from './fit.ts';
import { BOT, WORKFLOW } from './host-profile.ts';

const textBlock = (text: string) => ({ type: 'TextBlock', text, wrap: true });
const cardOf = (...body: readonly object[]) => ({ type: 'AdaptiveCard', version: '1.4', body });
const open = { type: 'Action.OpenUrl', title: 'Open', url: 'https://example.com/' };
const texts = (card: unknown) => (card as { body: { text: string }[] }).body.map((element) => element.text);

describe('fitCard', () => {
  it('leaves a card that fits alone', () => {
    const card = cardOf(textBlock('a'));
    expect(fitCard(card, WORKFLOW)).toEqual({ cards: [card], how: 'whole', charactersNotSent: 0 });
  });

  it('splits between elements, in order, says which part it is, and puts the buttons last', () => {
    const body = Array.from({ length: 6 }, (_, index) => textBlock(`${index}${'x'.repeat(9000)}`));
    const { cards, how } = fitCard({ ...cardOf(...body), actions: [open] }, WORKFLOW);
    expect(how).toBe('split');
    expect(cards.map((card) => texts(card)[0])).toEqual(['Part 1 of 2', 'Part 2 of 2']);
    expect(cards.flatMap((card) => texts(card).slice(1))).toEqual(body.map(({ text }) => text));
    expect(cards.map((card) => card['actions'])).toEqual([undefined, [open]]);
  });

  it('keeps each mention with its part', () => {
    const entity = (name: string) => ({
      type: 'mention',
      text: `<at>${name}</at>`,
      mentioned: { id: `${name}@contoso.com`, name },
    });
    const body = ['ann', 'ben'].map((name) => textBlock(`<at>${name}</at> ${'x'.repeat(20_000)}`));
    const { cards } = fitCard({ ...cardOf(...body), msteams: { entities: ['ann', 'ben'].map(entity) } }, WORKFLOW);
    expect(cards.map((card) => card['msteams'])).toEqual([
      { entities: [entity('ann')] },
      { entities: [entity('ben')] },
    ]);
  });

  it('shortens the longest text when there is nothing to split, fills the room, and says so', () => {
    const { cards, how } = fitCard(cardOf(textBlock('ä'.repeat(40_000))), WORKFLOW);
    expect(how).toBe('shortened');
    expect(texts(cards[0])).toEqual([expect.stringMatching(/^ä+…$/), SHORTENED]);
    expect(messageBytes(cards[0], WORKFLOW)).toBeGreaterThan(WORKFLOW.maxBytes * 0.95);
  });

  it('shortens lists from the end', () => {
    const facts = Array.from({ length: 2000 }, (_, index) => ({ title: `t${index}`, value: 'v'.repeat(100) }));
    const { cards } = fitCard(cardOf({ type: 'FactSet', facts }), BOT);
    const kept = (cards[0] as unknown as { body: { facts: object[] }[] }).body[0]!.facts;
    expect(kept).toEqual(facts.slice(0, kept.length));
    expect(kept.length).toBeGreaterThan(250);
  });

  it('shortens rather than tears apart what belongs together', () => {
    const toggle = { type: 'Action.ToggleVisibility', title: 'More', targetElements: ['more'] };
    const body = [textBlock('x'.repeat(20_000)), { ...textBlock('y'.repeat(20_000)), id: 'more' }];
    expect(fitCard({ ...cardOf(...body), actions: [toggle] }, WORKFLOW)).toMatchObject({
      how: 'shortened',
      cards: [{ actions: [toggle] }],
    });
  });

  it('sends at least the beginning of what cannot be cut', () => {
    const actions = Array.from({ length: 200 }, () => ({ ...open, mode: 'secondary', title: 'x'.repeat(300) }));
    const { cards } = fitCard({ ...cardOf(textBlock('**Alarm** in hall 3')), actions, version: '1.5' }, BOT);
    expect(texts(cards[0])).toEqual(['Alarm in hall 3', SHORTENED]);
  });

  it('refuses a card with any other error', () => {
    expect(() => fitCard(cardOf({ type: 'Nope' }), WORKFLOW)).toThrow(
      expect.objectContaining({ code: 'card_invalid' }),
    );
  });
});

describe('cutText', () => {
  it.each([
    ['a [link](https://example.com/path)', 20, 'a…'],
    ['hi <at>Ann</at>!', 10, 'hi…'],
    ['smile 😀', 7, 'smile…'],
    ['a\\*b', 2, 'a…'],
    ['short', 9, 'short'],
  ])('ends %j well at %i', (text, length, expected) => {
    expect(cutText(text, length)).toBe(expected);
  });
});
