import { describe, expect, it } from 'vitest';
import { fitCard } from './fit.ts';
import { BOT, type HostProfile, WORKFLOW } from './host-profile.ts';
import { checkedCard, validateCard } from './validate.ts';

const ann = { type: 'mention', text: '<at>Ann</at>', mentioned: { id: 'ann@contoso.com', name: 'Ann' } };

/** A card for a bot without any fault, warnings included. */
function fullCard() {
  return {
    type: 'AdaptiveCard',
    version: '1.5',
    body: [
      {
        type: 'TextBlock',
        id: 'head',
        text: 'Hi <at>Ann</at>, see [this](https://example.com/a)',
        wrap: true,
      } as object,
      { type: 'Input.Text', id: 'name', label: 'Your name' },
      { type: 'Container', id: 'more', isVisible: false, items: [{ type: 'Image', url: 'https://example.com/a.png' }] },
    ],
    actions: [
      { type: 'Action.ToggleVisibility', title: 'More', targetElements: ['more'] },
      { type: 'Action.Submit', title: 'Send', data: { step: 1, msteams: { type: 'imBack', value: 'x' } } },
      {
        type: 'Action.ShowCard',
        title: 'Show',
        card: { type: 'AdaptiveCard', body: [{ type: 'Input.Date', id: 'day', label: 'Day' }] },
      },
    ] as object[],
    msteams: { entities: [ann] } as object,
  };
}
type Card = ReturnType<typeof fullCard>;

const codes = (card: unknown, profile: HostProfile = BOT) =>
  validateCard(card, profile).map(({ code, path }) => `${code} ${path}`);
const openUrl = (url: string) => ({ type: 'Action.OpenUrl', title: 'Open', url });

/** What is changed in the full card, and the one fault that must come of it. */
const MUTATIONS: readonly [string, (card: Card) => unknown, string][] = [
  ['no card', () => 'a string', 'not_a_card $'],
  ['another type', (card) => ({ ...card, type: 'MessageCard' }), 'not_a_card $'],
  ['no version', ({ version: _, ...card }) => card, 'version_not_supported $.version'],
  ['an invented version', (card) => ({ ...card, version: '9.9' }), 'version_not_supported $.version'],
  ['a version written as a number', (card) => ({ ...card, version: 1.5 }), 'wrong_type $.version'],
  ['a version newer than the host shows', (card) => ({ ...card, version: '1.6' }), 'version_lowered $.version'],
  [
    'an element newer than the card',
    (card) => ({ ...card, version: '1.4', body: [...card.body, { type: 'Table' }] }),
    'needs_newer_version $.body[3].type',
  ],
  [
    'an unknown element',
    (card) => ({ ...card, body: [...card.body, { type: 'Nope' }] }),
    'unknown_element $.body[3].type',
  ],
  ['an element without type', (card) => ({ ...card, body: [...card.body, {}] }), 'missing_property $.body[3].type'],
  [
    'an unknown action',
    (card) => ({ ...card, actions: [...card.actions, { type: 'Action.Nope' }] }),
    'unknown_action $.actions[3].type',
  ],
  [
    'an element among the actions',
    (card) => ({ ...card, actions: [...card.actions, { type: 'TextBlock', text: 'x' }] }),
    'unknown_action $.actions[3].type',
  ],
  [
    'a fallback that is unknown too',
    (card) => ({ ...card, body: [...card.body, { type: 'Nope', fallback: { type: 'Nope2' } }] }),
    'unknown_element $.body[3].fallback.type',
  ],
  [
    'a script in an unknown element',
    (card) => ({ ...card, body: [...card.body, { type: 'Nope', fallback: 'drop', x: [{ url: 'javascript:x' }] }] }),
    'url_not_allowed $.body[3].x[0].url',
  ],
  [
    'a script in a fallback',
    (card) => ({
      ...card,
      body: [
        ...card.body,
        { type: 'TextBlock', text: 'x', wrap: true, fallback: { type: 'Image', url: 'javascript:x' } },
      ],
    }),
    'url_not_allowed $.body[3].fallback.url',
  ],
  [
    'a script in a selectAction',
    (card) => ({ ...card, selectAction: { type: 'Action.OpenUrl', url: 'javascript:x' } }),
    'url_not_allowed $.selectAction.url',
  ],
  [
    'a script as background',
    (card) => ({ ...card, backgroundImage: 'javascript:x' }),
    'url_not_allowed $.backgroundImage',
  ],
  [
    'a script in refresh',
    (card) => ({ ...card, refresh: { action: { type: 'Action.Execute', iconUrl: 'javascript:x' } } }),
    'url_not_allowed $.refresh.action.iconUrl',
  ],
  [
    'a script in authentication',
    (card) => ({ ...card, authentication: { buttons: [{ type: 'signin', value: 'javascript:x' }] } }),
    'url_not_allowed $.authentication.buttons[0].value',
  ],
  [
    'a script in an input label',
    (card) => ({ ...card, body: [...card.body, { type: 'Input.Time', id: 't', label: '[x](javascript:x)' }] }),
    'url_not_allowed $.body[3].label',
  ],
  [
    'a script by reference',
    (card) => ({ ...card, body: [...card.body, { type: 'TextBlock', wrap: true, text: '[a]\n\n[a]: javascript:x' }] }),
    'url_not_allowed $.body[3].text',
  ],
  [
    'a script in angle brackets',
    (card) => ({ ...card, body: [...card.body, { type: 'TextBlock', wrap: true, text: '<javascript:x>' }] }),
    'url_not_allowed $.body[3].text',
  ],
  [
    'a script in a sign-in',
    (card) => ({
      ...card,
      actions: [
        { type: 'Action.Submit', data: { msteams: { type: 'signin', value: 'javascript:x' } } },
        card.actions[0],
      ],
    }),
    'url_not_allowed $.actions[0].data.msteams.value',
  ],
  [
    'a link with a password',
    (card) => ({ ...card, actions: [...card.actions, openUrl('http://ann:secret@example.com')] }),
    'url_not_allowed $.actions[3].url',
  ],
  [
    'ShowCard as a selectAction',
    (card) => ({ ...card, selectAction: { type: 'Action.ShowCard', card: {} } }),
    'unknown_action $.selectAction.type',
  ],
  [
    'an id used twice',
    (card) => ({ ...card, body: [...card.body, { type: 'Input.Date', id: 'day', label: 'Day' }] }),
    'duplicate_id $.actions[2].card.body[0].id',
  ],
  [
    'a toggle of nothing',
    (card) => ({
      ...card,
      actions: [{ type: 'Action.ToggleVisibility', targetElements: ['more', { elementId: 'gone' }] }],
    }),
    'missing_target $.actions[0].targetElements[1].elementId',
  ],
  [
    'a reset of what is no input',
    (card) => ({ ...card, actions: [{ type: 'Action.ResetInputs', targetInputIds: ['name', 'more'] }] }),
    'missing_target $.actions[0].targetInputIds[1]',
  ],
  [
    'seven actions',
    (card) => ({ ...card, actions: Array.from({ length: 7 }, () => openUrl('https://example.com')) }),
    'too_many_actions $.actions',
  ],
  [
    'a mention without entity',
    (card) => ({ ...card, body: [...card.body, { type: 'FactSet', facts: [{ title: 'a', value: '<at>Ben</at>' }] }] }),
    'mention_without_entity $.body[3].facts[0].value',
  ],
  [
    'an entity without mention',
    (card) => ({ ...card, msteams: { entities: [ann, { ...ann, text: '<at>Ben</at>' }] } }),
    'entity_without_mention $.msteams.entities[1].text',
  ],
  [
    'two people with one text',
    (card) => ({ ...card, msteams: { entities: [ann, { ...ann, mentioned: { id: 'a2@contoso.com', name: 'Ann' } }] } }),
    'ambiguous_mention $.msteams.entities[1].text',
  ],
  [
    'a mention of no known kind of id',
    (card) => ({ ...card, msteams: { entities: [{ ...ann, mentioned: { id: 'Ann', name: 'Ann' } }] } }),
    'unknown_value $.msteams.entities[0].mentioned.id',
  ],
  [
    'data that hides an input',
    (card) => ({ ...card, actions: [card.actions[0], { type: 'Action.Submit', data: { name: 1 } }] }),
    'input_hidden_by_data $.actions[1].data.name',
  ],
  [
    'an unknown kind of submit',
    (card) => ({ ...card, actions: [card.actions[0], { type: 'Action.Submit', data: { msteams: { type: 'nope' } } }] }),
    'submit_data_invalid $.actions[1].data.msteams.type',
  ],
  [
    'a submit without its text',
    (card) => ({
      ...card,
      actions: [card.actions[0], { type: 'Action.Submit', data: { msteams: { type: 'messageBack' } } }],
    }),
    'submit_data_invalid $.actions[1].data.msteams.text',
  ],
  [
    'an input without label',
    (card) => ({ ...card, body: [...card.body, { type: 'Input.Number', id: 'n' }] }),
    'missing_label $.body[3].label',
  ],
  [
    'a text that does not wrap',
    (card) => ({ ...card, body: [...card.body, { type: 'TextBlock', text: 'x' }] }),
    'text_not_wrapped $.body[3].wrap',
  ],
  ['a property newer than the card', (card) => ({ ...card, version: '1.4', rtl: true }), 'needs_newer_version $.rtl'],
  ['a misspelt property', (card) => ({ ...card, fallbakText: 'x' }), 'unknown_property $.fallbakText'],
  ['a control character', (card) => ({ ...card, fallbackText: 'a\u0007b' }), 'unsafe_character $.fallbackText'],
  ['a bidirectional override', (card) => ({ ...card, fallbackText: 'a\u202eb' }), 'unsafe_character $.fallbackText'],
  ['half a character', (card) => ({ ...card, fallbackText: 'a\ud83d' }), 'unsafe_character $.fallbackText'],
  ['a value JSON has not', (card) => ({ ...card, fallbackText: Number.NaN }), 'not_json $.fallbackText'],
  [
    'a polluting key',
    (card) => ({ ...card, msteams: JSON.parse('{"__proto__":{"a":1}}') }),
    'forbidden_key $.msteams.__proto__',
  ],
  ['a body that is too large', (card) => ({ ...card, fallbackText: 'x'.repeat(41_000) }), 'too_large $'],
];

describe('validateCard', () => {
  it('finds nothing in a good card', () => {
    expect(validateCard(fullCard(), BOT)).toEqual([]);
  });

  it.each(MUTATIONS)('finds %s, and only that', (_, mutate, fault) => {
    expect(codes(mutate(fullCard()))).toEqual([fault]);
  });

  it('follows a fallback: what is shown instead counts', () => {
    const body = [
      { type: 'Nope', fallback: 'drop' },
      { type: 'Table', id: 't', rows: [], fallback: { type: 'TextBlock', id: 't', text: 'x', wrap: true } },
      { type: 'Input.Text', id: 'i', label: 'l', fallback: { type: 'Input.Text', id: 'i', label: 'l' } },
    ];
    expect(codes({ type: 'AdaptiveCard', version: '1.4', body }, WORKFLOW)).toEqual([]);
  });

  it('holds a webhook to what a webhook can do', () => {
    const card = { type: 'AdaptiveCard', version: '1.4', actions: [{ type: 'Action.Execute', title: 'x' }] };
    expect(codes(card, WORKFLOW)).toEqual(['action_not_supported $.actions[0].type']);
    const byBotId = { ...ann, mentioned: { id: '29:1abc', name: 'Ann' } };
    const mentioning = {
      type: 'AdaptiveCard',
      version: '1.4',
      body: [{ type: 'TextBlock', text: 'Hi <at>Ann</at>', wrap: true }],
      msteams: { entities: [byBotId] },
    };
    expect(codes(mentioning, WORKFLOW)).toEqual(['mention_not_supported $.msteams.entities[0].mentioned.id']);
    expect(codes(mentioning, BOT)).toEqual([]);
  });

  it('measures the body in UTF-8 for a webhook and UTF-16 for a bot', () => {
    const card = (text: string, version: string) => ({
      type: 'AdaptiveCard',
      version,
      body: [{ type: 'Image', url: 'https://example.com/a.png' }],
      fallbackText: text,
    });
    expect(codes(card('ä'.repeat(14_400), '1.4'), WORKFLOW)).toEqual(['too_large $']);
    expect(codes(card('a'.repeat(28_400), '1.4'), WORKFLOW)).toEqual([]);
    expect(codes(card('ä'.repeat(40_700), '1.5'), BOT)).toEqual([]);
    expect(codes(card('a'.repeat(40_900), '1.5'), BOT)).toEqual(['too_large $']);
  });

  it('takes names and values in any case, as Teams does', () => {
    const body = [{ type: 'TextBlock', text: 'x', wrap: true, size: 'extralarge', color: 'ATTENTION' }];
    expect(codes({ type: 'AdaptiveCard', version: '1.5', body })).toEqual([]);
  });

  it('lets people open an internal host, unless the configuration says otherwise', () => {
    const card = { type: 'AdaptiveCard', version: '1.4', actions: [openUrl('http://grafana.internal/d')] };
    expect(validateCard(card, WORKFLOW, { links: 'any' })).toEqual([]);
    expect(validateCard(card, WORKFLOW, { links: 'public' })).toMatchObject([{ code: 'url_not_allowed' }]);
  });

  it('reports errors before warnings, and a hundred faults at most', () => {
    const body = [...Array.from({ length: 200 }, () => ({ type: 'TextBlock', text: 'x' })), { type: 'Nope' }];
    const faults = validateCard({ type: 'AdaptiveCard', version: '1.5', body }, BOT);
    expect(faults).toHaveLength(100);
    expect(faults[0]).toMatchObject({ code: 'unknown_element', path: '$.body[200].type' });
  });
});

describe('the version of a card', () => {
  const image = { type: 'Image', url: 'https://example.com/a.png' };
  const table = { type: 'Table', rows: [] };
  const cardOf = (version: unknown, ...body: object[]) => ({ type: 'AdaptiveCard', version, body: [image, ...body] });

  it.each([
    [1.4, '"1.4"'],
    [1, '"1.0"'],
    [7, '"1.0", "1.1", "1.2", "1.3", "1.4"'],
  ])('as the number %s is told, with the text to write', (version, allowed) => {
    expect(validateCard(cardOf(version), WORKFLOW)).toMatchObject([{ code: 'wrong_type', severity: 'error', allowed }]);
  });

  it('is lowered to what the host shows, with a warning', () => {
    for (const version of ['1.5', '1.6']) {
      const card = cardOf(version);
      expect(validateCard(card, WORKFLOW)).toMatchObject([{ code: 'version_lowered', severity: 'warning' }]);
      expect(checkedCard(card, WORKFLOW)).toEqual({ ...card, version: '1.4' });
      expect(fitCard(card, WORKFLOW)).toMatchObject({ cards: [{ ...card, version: '1.4' }], how: 'whole' });
    }
    expect(checkedCard(cardOf('1.6'), BOT)).toMatchObject({ version: '1.5' });
  });

  it('is lowered in each part of a card that is split', () => {
    const texts = Array.from({ length: 6 }, () => ({ type: 'TextBlock', text: 'x'.repeat(9_000), wrap: true }));
    const { cards } = fitCard(cardOf('1.5', ...texts), WORKFLOW);
    expect(cards.length).toBeGreaterThan(1);
    expect(new Set(cards.map((card) => card['version']))).toEqual(new Set(['1.4']));
  });

  it('does not excuse an element that the host does not show, unless there is something in its place', () => {
    expect(codes(cardOf('1.5', table), WORKFLOW)).toEqual([
      'needs_newer_version $.body[1].type',
      'version_lowered $.version',
    ]);
    expect(codes(cardOf('1.5', { ...table, fallback: image }), WORKFLOW)).toEqual(['version_lowered $.version']);
  });

  it('lets what is newer pass where the host shows it all the same', () => {
    const actionSet = { type: 'ActionSet', actions: [openUrl('https://example.com')] };
    expect(validateCard(cardOf('1.0', actionSet), WORKFLOW)).toMatchObject([
      { code: 'needs_newer_version', severity: 'warning', path: '$.body[1].type', allowed: '"version": "1.2"' },
    ]);
    expect(validateCard(cardOf('1.4', table), BOT)).toMatchObject([{ severity: 'warning' }]);
    expect(validateCard(cardOf('1.0', { ...actionSet, actions: [{ type: 'Nope' }] }), WORKFLOW)).toMatchObject([
      { code: 'unknown_action', severity: 'error' },
      { code: 'needs_newer_version', severity: 'warning' },
    ]);
  });
});

describe('what a reader sees of a card', () => {
  const cardOf = (...body: object[]) => ({ type: 'AdaptiveCard', version: '1.4', body });
  const textBlock = (text: string, rest: object = {}) => ({ type: 'TextBlock', text, wrap: true, ...rest });
  const refused = (card: unknown) => codes(card, WORKFLOW).includes('nothing_to_show $');

  it.each<[string, unknown]>([
    ['no body', { type: 'AdaptiveCard', version: '1.4', fallbackText: 'x' }],
    ['an empty body', cardOf()],
    ['a blank text', cardOf(textBlock(' \n\t'))],
    ['no-break spaces', cardOf(textBlock('&nbsp;\u00a0'))],
    ['zero-width characters', cardOf(textBlock('\u200b\u2060'), textBlock('\ufeff'))],
    ['empty containers', cardOf({ type: 'Container', items: [{ type: 'ColumnSet', columns: [] }] })],
    ['blank facts', cardOf({ type: 'FactSet', facts: [{ title: ' ', value: '' }] })],
    ['blank runs', cardOf({ type: 'RichTextBlock', inlines: [' ', { type: 'TextRun', text: '\u200b' }] })],
    ['blank code', cardOf({ type: 'CodeBlock', codeSnippet: '\n', language: 'Bash' })],
    ['a set of no pictures', cardOf({ type: 'ImageSet', images: [] })],
    ['a button without a title', { ...cardOf(), actions: [{ ...openUrl('https://example.com'), title: '' }] }],
    ['hidden texts', cardOf({ type: 'Container', isVisible: false, items: [textBlock('x')] })],
    ['only a link around nothing', { ...cardOf(), selectAction: openUrl('https://example.com') }],
  ])('is nothing for %s: refused', (_, card) => {
    expect(refused(card)).toBe(true);
  });

  it.each<[string, unknown]>([
    ['a text beside blank ones', cardOf(textBlock(''), textBlock('x'))],
    ['a text after a hidden one', cardOf(textBlock('x', { isVisible: false }), textBlock('x'))],
    ['a picture', cardOf({ type: 'Image', url: 'https://example.com/a.png' })],
    ['a button alone', { ...cardOf(), actions: [openUrl('https://example.com')] }],
    ['an ActionSet alone', cardOf({ type: 'ActionSet', actions: [openUrl('https://example.com')] })],
    ['one fact', cardOf({ type: 'FactSet', facts: [{ title: '', value: '7' }] })],
    ['a run', cardOf({ type: 'RichTextBlock', inlines: [{ type: 'TextRun', text: 'x' }] })],
    ['a string among the runs', cardOf({ type: 'RichTextBlock', inlines: ['x'] })],
    ['a fallback', cardOf({ type: 'Nope', fallback: textBlock('x') })],
    ['an emoji', cardOf(textBlock('\u2705'))],
  ])('is something for %s', (_, card) => {
    expect(refused(card)).toBe(false);
  });
});

describe('checkedCard', () => {
  it('lets warnings pass', () => {
    const card = { type: 'AdaptiveCard', version: '1.4', body: [{ type: 'TextBlock', text: 'x' }] };
    expect(checkedCard(card, WORKFLOW)).toBe(card);
  });

  it('throws every error with path and remedy, and nothing of the text or the URL', () => {
    const card = { ...fullCard(), version: '1.5', actions: [openUrl('ftp://example.com/?sig=canary')], msteams: {} };
    const thrown = (() => {
      try {
        return checkedCard(card, BOT);
      } catch (error) {
        return error as Error;
      }
    })() as Error & { details: { faults: string[] } };
    expect(thrown).toMatchObject({ code: 'card_invalid', surface: 'card', recovery: 'user_action' });
    expect(thrown.details.faults).toEqual([
      '$.actions[0].url: The URL is refused: the scheme is "ftp:". Allowed: an absolute http or https URL without user name and password.',
      '$.body[0].text: A mention in this text has no entity. Allowed: an entry in $.msteams.entities with exactly the same "text".',
    ]);
    expect(JSON.stringify(thrown) + thrown.message).not.toMatch(/canary|Ann/);
  });
});
