import { parse, type DefaultTreeAdapterTypes as Tree } from 'parse5';
import { describe, expect, it } from 'vitest';
import { CATALOGUE } from '../catalogue/catalogue.ts';
import { cells } from './cells.ts';
import { previewPage } from './preview.ts';
import { cardToText } from './text.ts';

const card = (body: readonly object[], actions: readonly object[] = []) => ({
  type: 'AdaptiveCard',
  version: '1.5',
  body,
  actions,
});
const text = (value: string) => ({ type: 'TextBlock', text: value, wrap: true });

const release = card(
  [
    text('**Build 512** is green, see [log](https://ci.example.com/512)'),
    {
      type: 'FactSet',
      facts: [
        { title: 'Branch', value: 'main' },
        { title: 'Duration', value: '4 min' },
      ],
    },
    { type: 'ColumnSet', columns: [{ items: [text('left')] }, { items: [text('right')] }] },
    {
      type: 'Input.ChoiceSet',
      id: 'c',
      label: 'Deploy to',
      value: '1',
      choices: [
        { title: 'Test', value: '1' },
        { title: 'Live', value: '2' },
      ],
    },
    {
      type: 'Chart.Pie',
      title: 'Tests',
      data: [
        { legend: 'ok', value: 3 },
        { legend: 'failed', value: 1 },
      ],
    },
    { type: 'TextBlock', text: 'hidden', isVisible: false },
    { type: 'Nope', fallback: text('instead') },
    { type: 'Nope2' },
  ],
  [
    { type: 'Action.OpenUrl', title: 'Open', url: 'https://ci.example.com/512' },
    { type: 'Action.ShowCard', title: 'More', card: card([text('inner')]) },
  ],
);

describe('cardToText', () => {
  it('draws a card', () => {
    expect(cardToText(release, { width: 44 })).toBe(
      `
╭──────────────────────────────────────────╮
│ Build 512 is green, see log              │
│ Branch    main                           │
│ Duration  4 min                          │
│ left                 right               │
│ Deploy to                                │
│ (•) Test                                 │
│ ( ) Live                                 │
│ Tests                                    │
│ ok             █████████████ 3           │
│ failed         ████░░░░░░░░░ 1           │
│ instead                                  │
│ ‹Nope2›                                  │
│                                          │
│ [ Open ]  [ More ]                       │
╰──────────────────────────────────────────╯`.trim(),
    );
  });

  it('keeps every line at its width, also with wide characters and long words', () => {
    const drawn = cardToText(
      card([text(`${'漢字'.repeat(30)} ${'x'.repeat(99)} 😀`), { type: 'CodeBlock', codeSnippet: 'y'.repeat(99) }]),
      { width: 30 },
    );
    expect(new Set(drawn.split('\n').map(cells))).toEqual(new Set([30]));
  });

  it('refuses what could take over the terminal, and what has no end', () => {
    expect(() => cardToText(card([text('\u001b[2J')]))).toThrow(expect.objectContaining({ code: 'card_invalid' }));
    const items: object[] = [];
    items.push({ type: 'Container', items });
    expect(() => cardToText(card(items))).toThrow(expect.objectContaining({ code: 'card_invalid' }));
  });
});

/** Every element of a page with its attributes. */
function elementsOf(page: string): { name: string; attributes: Record<string, string>; text: string }[] {
  const found: ReturnType<typeof elementsOf> = [];
  const visit = (node: Tree.Node) => {
    if ('attrs' in node) {
      const text = node.childNodes.map((child) => ('value' in child ? child.value : '')).join('');
      found.push({
        name: node.tagName,
        attributes: Object.fromEntries(node.attrs.map(({ name, value }) => [name, value])),
        text,
      });
    }
    if ('childNodes' in node) for (const child of node.childNodes) visit(child);
  };
  visit(parse(page));
  return found;
}

describe('previewPage', () => {
  it('shows texts, facts, links, buttons and the inner card', () => {
    const elements = elementsOf(previewPage(release));
    const texts = (name: string) => elements.filter((element) => element.name === name).map((element) => element.text);
    expect(texts('strong')).toEqual(['Build 512']);
    expect(texts('dt').slice(0, 2)).toEqual(['Branch', 'Duration']);
    expect(texts('option')).toEqual(['Test', 'Live']);
    expect(texts('summary')).toEqual(['More']);
    expect(elements.filter(({ name }) => name === 'a').map(({ attributes }) => attributes['href'])).toEqual([
      'https://ci.example.com/512',
      'https://ci.example.com/512',
    ]);
    expect(previewPage(release)).not.toContain('hidden</p>');
  });

  it('is one file that runs nothing and forbids it too', () => {
    const page = previewPage(release);
    expect(page).toContain(`<meta http-equiv="Content-Security-Policy" content="default-src 'none';`);
    expect(elementsOf(page).map(({ name }) => name)).not.toContain('script');
  });

  it.each([...CATALOGUE.keys()])('lets nothing out of %s', (type) => {
    const hostile = '"><script>x</script><img src=x onerror=x>';
    const properties = Object.keys(CATALOGUE.get(type)!.properties).map((key) => [key, hostile]);
    const node = { ...Object.fromEntries(properties), type, isVisible: true, fallback: undefined };
    delete node.fallback;
    const lists = Object.fromEntries(
      ['items', 'columns', 'rows', 'pages', 'facts', 'inlines', 'images', 'choices', 'data', 'actions'].map((key) => [
        key,
        [{ title: hostile, value: hostile, text: hostile, url: 'javascript:x', x: hostile, type: 'Action.OpenUrl' }],
      ]),
    );
    for (const body of [
      [node],
      [{ ...node, ...lists }],
      [{ type: 'ActionSet', actions: [{ ...node, url: 'javascript:x' }] }],
    ]) {
      const elements = elementsOf(previewPage(card(body)));
      expect(elements.filter(({ name }) => name === 'script')).toEqual([]);
      const attributes = elements.flatMap((element) => Object.entries(element.attributes));
      expect(attributes.filter(([name, value]) => name.startsWith('on') || /^javascript:/i.test(value))).toEqual([]);
      expect(cardToText(card(body))).toContain('╰');
    }
  });
});

describe('the view of a phone', () => {
  const escaped = card([
    text('10\\.0\\.0\\.5 \\*x\\*'),
    { type: 'FactSet', facts: [{ title: 'a\\-b', value: '&lt;' }] },
  ]);

  it('shows the escapes that phones do not take away', () => {
    expect(cardToText(escaped)).toContain('10.0.0.5 *x*');
    expect(cardToText(escaped, { view: 'phone' })).toContain('10\\.0\\.0\\.5 *x*');
    expect(cardToText(escaped, { view: 'phone' })).toContain('a\\-b  &lt;');
    expect(previewPage(escaped, { view: 'phone' })).toContain('10\\.0\\.0\\.5 *x*');
  });

  it('shows the fallback of what phones do not know', () => {
    const code = { type: 'CodeBlock', codeSnippet: 'on the web', fallback: text('on a phone') };
    expect(cardToText(card([code]))).toContain('on the web');
    expect(cardToText(card([code]), { view: 'phone' })).toContain('on a phone');
    expect(cardToText(card([{ type: 'CodeBlock', codeSnippet: 'x' }]), { view: 'phone' })).toContain('not on phones');
  });

  it('is light or dark when told', () => {
    expect(previewPage(escaped, { view: 'phone', theme: 'dark' })).toContain('<html lang="en" class="phone dark">');
  });
});
