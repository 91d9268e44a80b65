import { describe, expect, it } from 'vitest';
import { CATALOGUE, namesFor } from './catalogue/catalogue.ts';
import type { NodeType, Property, Rule } from './catalogue/rules.ts';
import { urlRulesIn } from './catalogue/urls.ts';
import { BOT, WORKFLOW } from './host-profile.ts';
import { cardToText } from './render/text.ts';
import { usableCard } from './usable-card.ts';
import { validateCard } from './validate.ts';

/** The host that takes most. */
const BAD = 'javascript:alert(1)';
const GOOD = 'https://example.com/a.png';
const title = { type: 'TextBlock', text: 'MINE', wrap: true };
const named = { type: 'Input.Text', id: 'there', label: 'There' };
/** What a button names is there: one that names nothing is left out. */
const targetOf: Readonly<Record<string, unknown>> = { targetElements: ['there'], targetInputIds: ['there'] };

/** A value that a rule takes, with a good URL wherever it needs one. */
function sample(rule: Rule): unknown {
  if (rule.is === 'url') return GOOD;
  if (rule.is === 'enum') return rule.values[0];
  if (rule.is === 'pattern') return rule.example;
  if (rule.is === 'list') return [sample(rule.of)];
  if (rule.is === 'either') return sample(rule.of[0]!);
  if (rule.is === 'node') return object(namesFor(rule)[0]!);
  return { string: 'x', markdown: 'x', boolean: true, number: 1, any: {} }[rule.is];
}

function object(name: string, more: object = {}): Record<string, unknown> {
  const { typed, properties } = CATALOGUE.get(name)!;
  const required = Object.entries<Property>(properties).filter(([, property]) => property.required);
  return {
    ...(typed !== false && { type: name }),
    ...(name === 'AdaptiveCard' && { version: '1.5' }),
    ...Object.fromEntries(required.map(([key, property]) => [key, targetOf[key] ?? sample(property)])),
    ...more,
  };
}

/** Every way from the card down to an object of the catalogue: what holds it, in which property, how. */
function holderOf(name: string): { holder: string; key: string; value: (child: object) => unknown } | undefined {
  for (const [holder, { properties }] of CATALOGUE) {
    for (const [key, property] of Object.entries<Property>(properties)) {
      const takes = (rule: Rule): ((child: object) => unknown) | undefined => {
        if (rule.is === 'node') return namesFor(rule).includes(name) ? (child) => child : undefined;
        if (rule.is === 'list') return takes(rule.of) && ((child) => [child]);
        return rule.is === 'either' ? rule.of.map(takes).find(Boolean) : undefined;
      };
      const value = key === 'fallback' ? undefined : takes(property);
      if (value && holder !== name) return { holder, key, value };
    }
  }
  return undefined;
}

/** A card with that object in it, beside a title. */
function cardWith(name: string, child: object): object {
  if (name === 'AdaptiveCard') return { ...child, body: [title] };
  const { group } = CATALOGUE.get(name) as NodeType;
  if (group === 'element') return { ...object('AdaptiveCard'), body: [title, child] };
  if (group === 'action') return { ...object('AdaptiveCard'), body: [title, named], actions: [child] };
  const { holder, key, value } = holderOf(name)!;
  return cardWith(holder, object(holder, { [key]: value(child) }));
}

const places = [...CATALOGUE].flatMap(([name, { properties }]) =>
  Object.entries<Property>(properties)
    .filter(([, property]) => urlRulesIn(property).length > 0)
    .map(([key, property]) => ({ name, key, use: urlRulesIn(property)[0]!.use })),
);

const errorsOf = (card: unknown) => validateCard(card, BOT).filter(({ severity }) => severity === 'error');

describe('a template whose data bring a link that may not be used', () => {
  it('is asked for at every place of the catalogue', () => {
    const named = places.map(({ name, key }) => `${name}.${key}`);
    for (const place of [
      'Image.url',
      'Media.poster',
      'MediaSource.url',
      'CaptionSource.url',
      'Container.backgroundImage',
    ])
      expect(named).toContain(place);
    for (const place of ['Action.OpenUrl.url', 'Action.OpenUrl.iconUrl', 'Metadata.webUrl', 'AuthButton.image'])
      expect(named).toContain(place);
  });

  it.each(places)('is used without it: $name: $key', ({ name, key, use }) => {
    const bads = use === 'open' ? [BAD] : [BAD, 'http://prometheus:9090/x.png', 'https://10.0.0.5/x.png'];
    for (const bad of bads) {
      const card = cardWith(name, object(name, { [key]: bad }));
      expect(errorsOf(card).map(({ code }) => code)).toContain('url_not_allowed');
      const { card: usable, refused } = usableCard(card, BOT, {});
      expect(errorsOf(usable)).toEqual(errorsOf(cardWith(name, object(name))));
      expect(refused).toEqual([{ path: expect.stringMatching(new RegExp(`\\.${key}$`)), reason: expect.any(String) }]);
      expect(JSON.stringify([usable, refused])).not.toContain(bad);
      expect(cardToText(usable as Parameters<typeof cardToText>[0])).toContain('MINE');
    }
  });

  it.each(places)('takes what is good as it is: $name: $key', ({ name, key, use }) => {
    const card = cardWith(name, object(name, { [key]: use === 'open' ? 'http://prometheus:9090/graph' : GOOD }));
    expect(usableCard(card, BOT, {})).toEqual({ card, refused: [], dropped: [] });
  });

  it.each(places)('leaves out what is empty, no text, or null: $name: $key', ({ name, key }) => {
    for (const nothing of ['', ' ', 7, null]) {
      const { card, refused } = usableCard(cardWith(name, object(name, { [key]: nothing })), BOT, {});
      expect(errorsOf(card)).toEqual(errorsOf(cardWith(name, object(name))));
      const isRequired = Boolean(CATALOGUE.get(name)!.properties[key]!.required);
      expect(refused).toHaveLength(nothing === null && !isRequired ? 0 : 1);
    }
  });
});

describe('what is nothing without its link', () => {
  const usable = (body: object[], more: object = {}) => {
    const { card, refused } = usableCard({ type: 'AdaptiveCard', version: '1.5', body, ...more }, BOT, {});
    expect(errorsOf(card)).toEqual([]);
    return { card: card as { body: { type: string }[] }, text: cardToText(card as never), refused };
  };
  const picture = (altText: string, url = BAD) => ({ type: 'Image', altText, url });
  const open = (name: string, url = BAD) => ({ type: 'Action.OpenUrl', title: name, url });

  it('is told as text where it stood, and keeps its id for who refers to it', () => {
    const toggle = { type: 'Action.ToggleVisibility', title: 'More', targetElements: ['pic'] };
    const { card, text, refused } = usable([title, { ...picture('Graph'), id: 'pic' }, title], { actions: [toggle] });
    expect(card.body[1]).toMatchObject({
      type: 'TextBlock',
      id: 'pic',
      text: expect.stringContaining('Graph: not shown'),
    });
    expect(text).toContain('the scheme is "javascript:"');
    expect(refused).toEqual([{ path: '$.body[1].url', reason: 'the scheme is "javascript:"' }]);
  });

  it('takes with it what held nothing else: a set of pictures, a film, a set of buttons', () => {
    const film = { type: 'Media', altText: 'Film', sources: [{ url: BAD }, { url: 'https://10.0.0.5/x.mp4' }] };
    const buttons = { type: 'ActionSet', actions: [open('Runbook'), open('Logs')] };
    const set = { type: 'ImageSet', images: [picture('One'), picture('Two')] };
    const { card, text } = usable([set, film, buttons]);
    expect(card.body.map(({ type }) => type)).toEqual(['TextBlock', 'TextBlock', 'TextBlock']);
    for (const told of ['One: not shown', 'Two: not shown', 'Film: not shown', 'Runbook: not used', 'Logs: not used'])
      expect(text).toContain(told);
  });

  it('goes alone where others are left, and is told at the end', () => {
    const set = { type: 'ImageSet', images: [picture('One'), picture('Two', GOOD)] };
    const { card, text } = usable([set, title], { actions: [open('Runbook'), open('Logs', GOOD)] });
    expect(card.body.map(({ type }) => type)).toEqual(['ImageSet', 'TextBlock', 'TextBlock', 'TextBlock']);
    expect(text).toMatch(/One: not shown[\s\S]*Runbook: not used/);
  });

  it('leaves what is clicked: a text, a column, a picture', () => {
    const run = { type: 'TextRun', text: 'click', selectAction: open('Open') };
    const { card, text } = usable([
      { type: 'RichTextBlock', inlines: [run] },
      { ...picture('Graph', GOOD), selectAction: open('Large') },
      { type: 'Container', selectAction: open('All'), items: [title] },
    ]);
    expect(JSON.stringify(card)).not.toContain('selectAction');
    for (const told of ['click', 'Open: not used', 'Large: not used', 'All: not used']) expect(text).toContain(told);
  });

  it('is told to nobody when there was no link at all, and may still be referred to', () => {
    const toggle = { type: 'Action.ToggleVisibility', title: 'More', targetElements: ['pic'] };
    const { text, refused } = usable([title, { ...picture('Graph', ''), id: 'pic' }], {
      actions: [toggle, open('Runbook', '')],
    });
    expect(text).not.toMatch(/Graph|Runbook/);
    expect(refused.map(({ reason }) => reason)).toEqual(['there is none', 'there is none']);
  });

  it('is looked for below objects that the host does not know, too', () => {
    const unknown = { type: 'Future', url: BAD, value: 'no URL', deep: [{ iconUrl: BAD, poster: GOOD }] };
    const { card, refused } = usable([title, { ...unknown, fallback: { ...picture('Graph') } }]);
    expect(refused.map(({ path }) => path)).toEqual([
      '$.body[1].url',
      '$.body[1].deep[0].iconUrl',
      '$.body[1].fallback.url',
    ]);
    expect(card.body[1]).toMatchObject({ value: 'no URL', deep: [{ poster: GOOD }], fallback: { type: 'TextBlock' } });
  });

  it('takes an icon by its name', () => {
    const { refused } = usable([title], { actions: [{ ...open('Logs', GOOD), iconUrl: 'icon:Flag' }] });
    expect(refused).toEqual([]);
  });
});

describe('a template whose data bring a mention', () => {
  const ann = { type: 'mention', text: '<at>Ann</at>', mentioned: { id: 'ann@contoso.com', name: 'Ann' } };
  const mentioning = (text: string, entities: readonly unknown[]) => {
    const body = [{ type: 'TextBlock', wrap: true, text }];
    const { card, refused } = usableCard(
      { type: 'AdaptiveCard', version: '1.5', body, msteams: { entities } },
      BOT,
      {},
    );
    expect(errorsOf(card)).toEqual([]);
    return { card: JSON.stringify(card), paths: refused.map(({ path }) => path) };
  };

  it('keeps the mentions that it names itself', () => {
    const { card, paths } = mentioning('Over to <at>Ann</at>', [ann]);
    expect(paths).toEqual([]);
    expect(card).toContain('"text":"Over to <at>Ann</at>"');
  });

  it('shows as text a mention that names nobody, and mentions nobody that no text names', () => {
    const nobody = { ...ann, mentioned: { id: 'nobody', name: 'Ann' } };
    expect(mentioning('ask <at>Bob</at>', []).paths).toEqual(['$.body[0].text']);
    expect(mentioning('hello', [ann]).paths).toEqual(['$.msteams.entities[0]']);
    expect(mentioning('<at>Ann</at>', [nobody]).paths).toEqual(['$.body[0].text', '$.msteams.entities[0]']);
    const other = { ...ann, mentioned: { id: 'other@contoso.com', name: 'Ann' } };
    expect(mentioning('<at>Ann</at>', [ann, other]).card).not.toContain('"<at>Ann</at>"');
  });
});

describe('a template whose data bring a value that its place does not know', () => {
  const usable = (card: object) => {
    const {
      card: used,
      refused,
      dropped,
    } = usableCard({ type: 'AdaptiveCard', version: '1.5', ...card }, WORKFLOW, {});
    expect(validateCard(used, WORKFLOW).filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(refused).toEqual([]);
    return { card: used as { body: object[]; actions: object[] }, dropped };
  };

  it('is used without it: a colour, a size, a width, a truth', () => {
    const text = { ...title, color: 'Reddish', size: '', maxLines: 'many', isVisible: 'no' };
    const columns = [{ type: 'Column', width: 'broad', items: [title] }];
    const { card, dropped } = usable({ body: [text, { type: 'ColumnSet', columns }], style: [] });
    expect(card.body[0]).toEqual(title);
    expect(dropped.map(({ path }) => path)).toEqual([
      '$.body[0].color',
      '$.body[0].size',
      '$.body[0].maxLines',
      '$.body[0].isVisible',
      '$.body[1].columns[0].width',
      '$.style',
    ]);
    expect(JSON.stringify(dropped)).not.toMatch(/Reddish|many|broad/);
  });

  it('is used whatever stands in any property of the catalogue that may be absent, or holds a text', () => {
    const broken: string[] = [];
    for (const [name, { properties }] of CATALOGUE) {
      for (const [key, property] of Object.entries<Property>(properties)) {
        const isOpen = !property.required || property.is === 'string' || property.is === 'markdown';
        if (!isOpen || key === 'version') continue;
        const allowed = new Set(errorsOf(cardWith(name, object(name))).map(({ code }) => code));
        for (const value of ['zzz', '', 7, true, null]) {
          const card = cardWith(name, object(name, { [key]: property.required && value === null ? '' : value }));
          const errors = errorsOf(usableCard(card, BOT, {}).card).filter(({ code }) => !allowed.has(code));
          broken.push(
            ...errors.map(({ code, path }) => `${name}.${key} = ${JSON.stringify(value)}: ${code} at ${path}`),
          );
        }
      }
    }
    expect(broken).toEqual([]);
  });

  it('shows a number or a truth where a text is wanted', () => {
    const facts = { type: 'FactSet', facts: [{ title: 'n', value: true }] };
    const { card, dropped } = usable({ body: [{ ...title, text: 7 }, facts] });
    expect(card.body).toEqual([
      { ...title, text: '7' },
      { ...facts, facts: [{ title: 'n', value: 'true' }] },
    ]);
    expect(dropped).toEqual([]);
  });

  it('has rows of which two have the same id: the first keeps it', () => {
    const { card, dropped } = usable({
      body: [
        { ...title, id: 'a' },
        { ...title, id: 'a', fallback: { ...title, id: 'a' } },
      ],
    });
    expect(card.body[1]).toEqual({ ...title, fallback: { ...title, id: 'a' } });
    expect(dropped).toEqual([{ path: '$.body[1].id', reason: 'another has this id' }]);
  });

  it('has more buttons than the host shows in one row: they stand in several', () => {
    const actions = Array.from({ length: 9 }, (_, index) => ({ type: 'Action.OpenUrl', title: `${index}`, url: GOOD }));
    const rows = [
      { type: 'ActionSet', actions: actions.slice(0, 6) },
      { type: 'ActionSet', actions: actions.slice(6) },
    ];
    const { card, dropped } = usable({ body: [{ type: 'ActionSet', id: 'set', actions }], actions });
    expect(card).toEqual({
      type: 'AdaptiveCard',
      version: '1.5',
      body: [{ type: 'Container', id: 'set', items: rows }, ...rows],
    });
    expect(dropped).toEqual([]);
  });
});

describe('a button that names elements', () => {
  it('names those that are there, and is left out where it names none', () => {
    const toggle = (...targetElements: unknown[]) => ({
      type: 'Action.ToggleVisibility',
      title: 'More',
      targetElements,
    });
    const { card, dropped } = usableCard(
      {
        type: 'AdaptiveCard',
        version: '1.4',
        body: [
          { type: 'TextBlock', id: 'a', text: 'x', wrap: true, selectAction: toggle('gone') },
          { type: 'Container', items: [], selectAction: toggle({ isVisible: true }) },
        ],
        actions: [toggle('a', 'gone', '', { elementId: 'gone' }, null), toggle({ isVisible: true }), toggle('a')],
      },
      WORKFLOW,
      { links: 'any', imageHosts: [] },
    );
    expect(card).toMatchObject({ actions: [toggle('a'), toggle('a')] });
    expect(JSON.stringify(card)).not.toContain('selectAction');
    expect(dropped.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['$.actions[0].targetElements', '$.actions[1].targetElements']),
    );
  });
});
