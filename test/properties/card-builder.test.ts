import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as actions from '../../src/cards/builder/actions.ts';
import { card } from '../../src/cards/builder/card.ts';
import * as charts from '../../src/cards/builder/charts.ts';
import * as el from '../../src/cards/builder/elements.ts';
import * as inputs from '../../src/cards/builder/inputs.ts';
import { mention, text } from '../../src/cards/builder/mention-text.ts';
import { CATALOGUE, type ElementName } from '../../src/cards/catalogue/catalogue.ts';
import type { CardNode } from '../../src/cards/catalogue/rules.ts';
import { messageBytes } from '../../src/cards/envelope.ts';
import { fitCard } from '../../src/cards/fit.ts';
import { BOT, type HostProfile, WORKFLOW } from '../../src/cards/host-profile.ts';
import { validateCard } from '../../src/cards/validate.ts';
import { PlainText } from '../../src/html/plain-text.ts';

const URL = 'https://example.com/a.png';
const words = fc.string({ unit: 'binary', maxLength: 30 });
const plain = words.map((value) => new PlainText(value));
const person = fc
  .constantFrom('Ann', 'Ben <B> & Co', 'Çelik')
  .map((name) => ({ id: `${name.length}@contoso.com`, name }));
const mentioned = fc.tuple(words, person).map(([value, who]) => text`${value} **and** ${mention(who)}`);
const point = fc.record({ x: fc.string().map((x) => new PlainText(x)), y: fc.integer() });

/** Something of every element the builder makes, for any host. */
const leaf: fc.Arbitrary<CardNode<ElementName>> = fc.oneof(
  fc.oneof(plain, mentioned).map((value) => el.textBlock(value)),
  plain.map((value) => el.richTextBlock([el.textRun(value), value])),
  fc.constant(el.image(URL)),
  fc.constant(el.imageSet([el.image(URL)])),
  fc.constant(el.media([{ url: URL, mimeType: 'video/mp4' }])),
  fc.array(fc.tuple(plain, mentioned), { maxLength: 5 }).map((facts) => el.factSet(facts)),
  plain.map((value) => el.badge(value, { style: 'Good' })),
  fc.constant(el.icon('Calendar')),
  fc.constant(el.codeBlock('const a = 1 < 2;', { language: 'TypeScript' })),
  fc.constant(el.rating({ value: 3 })),
  fc.constant(el.compoundButton('More', { selectAction: actions.openUrl('Open', URL) })),
  fc.constant(el.progressBar({ value: 3, max: 10 })),
  fc.constant(el.progressRing({ size: 'Small' })),
  fc.constant(el.component('graph.microsoft.com/user', { id: 'x' })),
  fc.array(point).map((data) => charts.verticalBarChart(data)),
  fc.array(point).map((data) => charts.horizontalBarChart(data)),
  fc.array(point).map((values) => charts.lineChart([{ values }])),
  fc.array(point).map((values) => charts.groupedBarChart([{ values }])),
  fc.constant(charts.stackedBarChart([{ title: 'a', data: [{ value: 1 }] }])),
  fc.constant(charts.donutChart([{ value: 1, legend: 'a' }])),
  fc.constant(charts.pieChart([{ value: 1 }])),
  fc.constant(charts.gaugeChart(50, { segments: [{ size: 100 }] })),
  fc.uuid().map((id) => inputs.textInput(id, 'Name')),
  fc.uuid().map((id) => inputs.numberInput(id, 'Count')),
  fc.uuid().map((id) => inputs.dateInput(id, 'Day', { value: '2026-01-31' })),
  fc.uuid().map((id) => inputs.timeInput(id, 'Time')),
  fc.uuid().map((id) => inputs.toggleInput(id, 'Terms', 'I agree')),
  fc.uuid().map((id) => inputs.choiceSet(id, 'Pick', [{ title: 'One', value: '1' }])),
  fc.uuid().map((id) => inputs.ratingInput(id, 'Stars')),
);
const { element } = fc.letrec<{ element: CardNode<ElementName> }>((tie) => {
  const some = fc.array(tie('element'), { maxLength: 3 });
  return {
    element: fc.oneof(
      { maxDepth: 3 },
      { arbitrary: leaf, weight: 6 },
      {
        arbitrary: some.map((items) => el.container(items, { layouts: [el.flowLayout(), el.stackLayout()] })),
        weight: 1,
      },
      {
        arbitrary: some.map((items) =>
          el.container(items, { layouts: [el.areaGridLayout({ areas: [{ name: 'a' }] })] }),
        ),
        weight: 1,
      },
      {
        arbitrary: fc
          .array(some.map((items) => el.column(items, { width: 'auto' })))
          .map((columns) => el.columnSet(columns)),
        weight: 1,
      },
      { arbitrary: some.map((items) => el.carousel([el.carouselPage(items)])), weight: 1 },
      { arbitrary: fc.constant(el.actionSet([actions.openUrl('Open', URL)])), weight: 1 },
    ),
  };
});
const elements = fc.array(element, { maxLength: 8 });

const errors = (value: unknown, profile: HostProfile) =>
  validateCard(value, profile).filter(({ severity }) => severity === 'error');

/** Ids are random but fast-check may shrink two to the same one. */
const idsDiffer = (value: unknown) => {
  const ids = [...JSON.stringify(value).matchAll(/"id":"([0-9a-f-]{36})"/g)].map(([, id]) => id);
  return new Set(ids).size === ids.length;
};

describe('the builder', () => {
  it.each([WORKFLOW, BOT])('makes a valid card within the limit of any mix of elements ($name)', (profile) => {
    fc.assert(
      fc.property(elements, (body) => {
        fc.pre(idsDiffer(body));
        const built = card()
          .title('Mix')
          .add(...body)
          .actions(actions.openUrl('Open', URL))
          .build(profile);
        expect(JSON.parse(JSON.stringify(built))).toEqual(built);
        expect(errors(built, profile)).toEqual([]);
        expect(messageBytes(built, profile)).toBeLessThanOrEqual(profile.maxBytes);
      }),
      { numRuns: 200 },
    );
  });

  it('can make every element and action of the catalogue', () => {
    const inner = card().add(el.textBlock('x')).part();
    const made = [
      ...fc.sample(leaf, { numRuns: 2000, seed: 1 }),
      el.container([]),
      el.columnSet([]),
      el.carousel([]),
      el.actionSet([]),
      el.table([el.tableRow([el.tableCell([])])]),
      actions.openUrl('a', URL),
      actions.showCard('a', inner),
      actions.toggleVisibility('a', []),
      actions.submit('a', {}),
      actions.execute('a', 'v', {}),
      actions.resetInputs('a', []),
    ];
    const offered = [...CATALOGUE]
      .filter(([, { group }]) => group === 'element' || group === 'action')
      .map(([name]) => name);
    expect([...new Set(made.map(({ type }) => type as string))].sort()).toEqual(offered.sort());
  });
});

describe('fitCard', () => {
  it('makes valid messages of any card, whatever its size', () => {
    const long = fc
      .integer({ min: 0, max: 30_000 })
      .chain((length) =>
        fc
          .constantFrom('x', 'ä', '😀', '\\*', '[a](https://example.com) ', '<b> "\n')
          .map((unit) => unit.repeat(length / unit.length)),
      );
    const large = fc.oneof(
      long.map((value) => el.textBlock(new PlainText(value))),
      long.map((value) => el.textBlock(value.replaceAll('<', ''))),
      long.map((value) => el.codeBlock(value)),
      fc.tuple(long, person).map(([value, who]) => el.textBlock(text`${value} ${mention(who)} ${value}`)),
      fc
        .array(fc.tuple(plain, plain), { minLength: 100, maxLength: 300 })
        .map((facts) => el.container([el.factSet(facts)])),
      element,
    );
    fc.assert(
      fc.property(
        fc.array(large, { maxLength: 8 }),
        fc.constantFrom('split', 'shorten') as fc.Arbitrary<'split' | 'shorten'>,
        (body, prefer) => {
          fc.pre(idsDiffer(body));
          const roomy = { ...WORKFLOW, maxBytes: Number.MAX_SAFE_INTEGER };
          const built = card()
            .add(...body)
            .actions(actions.openUrl('Open', URL))
            .build(roomy);
          const { cards, how } = fitCard(built, WORKFLOW, { prefer });
          for (const part of cards) expect(errors(part, WORKFLOW)).toEqual([]);
          if (how === 'whole') expect(cards).toEqual([built]);
          else
            for (const part of cards)
              expect(JSON.stringify(part)).toMatch(/Part \d+ of \d+|This message was shortened/);
        },
      ),
      { numRuns: 60 },
    );
  });
});
