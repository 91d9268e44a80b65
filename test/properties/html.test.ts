import fc from 'fast-check';
import { parseFragment, serialize, type DefaultTreeAdapterTypes as Tree } from 'parse5';
import { describe, expect, it } from 'vitest';
import { Html } from '../../src/html/html.ts';
import { PlainText } from '../../src/html/plain-text.ts';

const ALLOWED = new Set(['b', 'strong', 'i', 'em', 'a', 'br', 'p', 'ul', 'ol', 'li']);

/** What a browser would see that it must not. */
function violations(html: string): string[] {
  const found: string[] = [];
  const pending: Tree.ChildNode[] = [...parseFragment(html).childNodes];
  for (let node = pending.pop(); node; node = pending.pop()) {
    if (node.nodeName.startsWith('#')) {
      if (node.nodeName !== '#text') found.push(node.nodeName);
      continue;
    }
    const element = node as Tree.Element;
    if (!ALLOWED.has(element.tagName)) found.push(element.tagName);
    for (const { name, value } of element.attrs) {
      const known = element.tagName === 'a' && (name === 'href' || name === 'title');
      if (!known) found.push(`${element.tagName}[${name}]`);
      if (name === 'href' && !/^(https?|mailto):/i.test(value)) found.push(`href ${value}`);
    }
    pending.push(...element.childNodes);
  }
  return found;
}

const tag = fc.constantFrom(
  ...ALLOWED,
  ...['script', 'style', 'svg', 'math', 'template', 'textarea', 'title', 'xmp', 'iframe', 'noscript', 'noembed'],
  ...[
    'table',
    'td',
    'div',
    'form',
    'select',
    'option',
    'button',
    'img',
    'mi',
    'mtext',
    'foreignObject',
    'plaintext',
    'image',
  ],
);
const attribute = fc.constantFrom(
  ...['href="javascript:alert(1)"', 'href="JaVaScRiPt&colon;x"', 'href="\u0001javascript:x"', 'href="java\tscript:x"'],
  ...[
    'href="data:text/html,x"',
    'href="vbscript:x"',
    'href=//evil',
    'href="https://a.example/?b=1&amp;c"',
    'href=mailto:a@b',
  ],
  ...[
    'onclick=x',
    'style="x"',
    'is=x',
    'title="&quot;>"',
    "title='\"'",
    'xlink:href="javascript:x"',
    'src=x',
    '"',
    '=',
    '<b',
  ],
);
const piece = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.tuple(tag, fc.array(attribute, { maxLength: 2 })).map(([t, a]) => `<${[t, ...a].join(' ')}>`),
  },
  { weight: 3, arbitrary: tag.map((t) => `</${t}>`) },
  { weight: 1, arbitrary: tag.map((t) => `<${t}/>`) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      '<!--',
      '-->',
      '<![CDATA[',
      ']]>',
      '<!doctype x>',
      '<?x',
      '</',
      '<',
      '>',
      '&',
      '&lt;',
      '&#0;',
      '&#13;',
      '&#x202e;',
      '\0',
      '\r\n',
      '&nbsp;',
      '&ampamp;',
    ),
  },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 8 }) },
);
const hostile = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(''));

describe('Html', () => {
  it('is safe as a browser reads it, for any input', () => {
    fc.assert(
      fc.property(hostile, (source) => {
        expect(violations(Html.sanitise(source).toString())).toEqual([]);
      }),
      { numRuns: 3000 },
    );
  });

  it('is idempotent, and a browser reads back the very tree that was written', () => {
    fc.assert(
      fc.property(hostile, (source) => {
        const once = Html.sanitise(source).toString();
        expect(Html.sanitise(once).toString()).toBe(once);
        const read = serialize(parseFragment(once)).replaceAll('&nbsp;', '\u00a0');
        expect(read.replace(/&[lg]t;/g, '?')).toBe(once.replace(/&[lg]t;/g, '?'));
      }),
      { numRuns: 3000 },
    );
  });

  it.each([
    ['nested tags', '<div>'],
    ['nested allowed tags', '<b>'],
    ['nested lists', '<ul><li>'],
    ['links', '<a href="https://a.example">'],
    ['end tags', '</b></p>'],
    ['open quotes', '<a title="'],
    ['references', '&amp;'],
    ['comments', '<!-->'],
    ['attributes', ' a1=x'],
  ])('takes a megabyte of %s in its stride', (_, unit) => {
    const start = unit.startsWith(' ') ? '<b' : '';
    const numbered = start
      ? Array.from({ length: 150_000 }, (_v, i) => ` a${i}=x`).join('')
      : unit.repeat(1_000_000 / unit.length);
    const once = Html.sanitise(start + numbered + 'end').toString();
    expect(violations(once.slice(0, 10_000))).toEqual([]);
    expect(once.length).toBeLessThan(8_000_000);
  });
});

describe('PlainText', () => {
  it('round-trips through HTML', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const plain = new PlainText(text);
        const shown = parseFragment(plain.toHtml().toString())
          .childNodes.map((node) => (node.nodeName === 'br' ? '\n' : (node as Tree.TextNode).value))
          .join('');
        expect(shown).toBe(plain.toString());
      }),
    );
  });

  it('stays as it is when its HTML is sanitised again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const html = new PlainText(text).toHtml().toString();
        expect(Html.sanitise(html).toString()).toBe(html);
      }),
    );
  });
});
