import { describe, expect, it } from 'vitest';
import { sanitise } from './sanitise.ts';

describe('sanitise', () => {
  it.each([
    ['keeps what Teams shows', '<p>a <b>b</b><br><i>c</i></p>', '<p>a <b>b</b><br><i>c</i></p>'],
    ['drops unknown tags and keeps their text', '<div>a<span>b</span></div>', 'ab'],
    ['drops scripts with their content', 'a<script>alert("<b>")</script>b', 'ab'],
    [
      'drops style, template, svg and math with their content',
      '<style>x</style><template><b>x</b></template><svg><a>x</a></svg><math>x</math>y',
      'y',
    ],
    ['drops handlers, style and is', '<b onclick="x" style="y" is="z">a</b>', '<b>a</b>'],
    [
      'keeps https, http and mailto links',
      '<a href="https://a/?x=1&amp;y=2" title="t">a</a>',
      '<a href="https://a/?x=1&amp;y=2" title="t">a</a>',
    ],
    ['takes the link from javascript:', '<a href="javascript:alert(1)">a</a>', 'a'],
    ['takes the link from hidden javascript:', '<a href="&#1;java\nscript&#58;alert(1)">a</a>', 'a'],
    ['takes the link from a relative target', '<a href="/x">a</a>', 'a'],
    ['closes what is open', '<p><b>a', '<p><b>a</b></p>'],
    [
      'ends a link before the next',
      '<a href="https://a">x<a href="https://b">y',
      '<a href="https://a">x</a><a href="https://b">y</a>',
    ],
    ['ends a paragraph before a list', '<p>a<ul><li>b<li>c</ul>', '<p>a</p><ul><li>b</li><li>c</li></ul>'],
    ['keeps nested lists', '<ul><li>a<ol><li>b</li></ol></li></ul>', '<ul><li>a<ol><li>b</li></ol></li></ul>'],
    ['keeps a list when an inline tag ends inside', '<b><ul><li>a</b>b</li></ul>', '<b><ul><li>ab</li></ul></b>'],
    ['decodes once and encodes once', '&amp;lt;b&gt; &#60;i>', '&amp;lt;b&gt; &lt;i&gt;'],
    ['removes control and bidirectional characters', 'a&#x202e;b\u0007c&#13;\nd', 'abc\nd'],
    ['reads everything after plaintext as text', '<plaintext><b>a', '&lt;b&gt;a'],
  ])('%s', (_, source, expected) => {
    expect(sanitise(source)).toBe(expected);
  });
});
