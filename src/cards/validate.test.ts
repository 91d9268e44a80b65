import { describe, expect, it } from 'vitest';
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
  ['a version the host does not show', (card) => ({ ...card, version: '1.6' }), 'version_not_supported $.version'],
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
    expect(codes({ ...card, version: '1.5', actions: [] }, WORKFLOW)).toEqual(['version_not_supported $.version']);
  });

  it('measures the body in UTF-8 for a webhook and UTF-16 for a bot', () => {
    const card = (text: string, version: string) => ({ type: 'AdaptiveCard', version, fallbackText: text });
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
