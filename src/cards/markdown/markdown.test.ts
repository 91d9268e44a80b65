import { describe, expect, it } from 'vitest';
import { markdownLinks } from './links.ts';
import { markdownText, parseMarkdown } from './markdown.ts';
import { iosText } from './phone.ts';

const plain = { bold: false, italic: false, mention: false };

describe('parseMarkdown', () => {
  it('reads bold, italic, links and mentions', () => {
    expect(parseMarkdown('a **b** _c_ [d](https://e.example) <at>F</at>')).toEqual([
      {
        spans: [
          { ...plain, text: 'a ' },
          { ...plain, text: 'b', bold: true },
          { ...plain, text: ' ' },
          { ...plain, text: 'c', italic: true },
          { ...plain, text: ' ' },
          { ...plain, text: 'd', href: 'https://e.example' },
          { ...plain, text: ' ' },
          { ...plain, text: 'F', mention: true },
        ],
      },
    ]);
  });

  it.each([
    ['- a\n- b', '• a\n• b'],
    ['1. a\n2) b', '1. a\n2. b'],
    ['a\n\nb', 'a\nb'],
    ['snake_case_name 2 * 3', 'snake_case_name 2 * 3'],
    ['\\*a\\* &lt;b&gt;', '*a* <b>'],
  ])('shows %j as %j', (source, shown) => {
    expect(markdownText(source)).toBe(shown);
  });
});

describe('markdownLinks', () => {
  it('finds every target', () => {
    const source = '[a](https://1) [b]( <https://2> "t") ![c](https://3)\n[d]: https://4\n<https://5> [e]()';
    expect(markdownLinks(source)).toEqual(['https://1', 'https://2', 'https://3', 'https://4', 'https://5']);
  });
});

describe('the phones', () => {
  it.each([
    ['10\\.0\\.0\\.5', '10\\.0\\.0\\.5', '10\\.0\\.0\\.5'],
    ['a \\*b\\* \\_c\\_', 'a *b* _c_', 'a *b* _c_'],
    ['\\[a\\]\\)', '[a])', '\\[a\\]\\)'],
    ['**x** \\[a\\]', 'x [a]', 'x [a]'],
    ['&lt;none&gt; &amp;', '&lt;none&gt; &amp;', '&lt;none&gt; &amp;'],
    ['`code`', '`code`', '`code`'],
    ['# head', '# head', '# head'],
    ['1. a', '1. a', '1. a'],
    ['- a\n- b', '• a\n• b', '• a • b'],
    ['a\nb', 'a\nb', 'a\nb'],
    ['snake_case_name', 'snake_case_name', 'snake_case_name'],
    ['[a_b](https://e.example/x_(y)) c', 'a_b c', 'a_b c'],
  ])('show %j as %j on Android and %j on iOS', (source, android, ios) => {
    expect(markdownText(source, 'phone')).toBe(android);
    expect(iosText(source)).toBe(ios);
  });
});
