import { describe, expect, it } from 'vitest';
import { Html } from './html.ts';
import { PlainText } from './plain-text.ts';

describe('PlainText', () => {
  it('is escaped for HTML, not sanitised', () => {
    const html = new PlainText('if x<y and y>z & q\nthen <b>').toHtml();
    expect(html).toBeInstanceOf(Html);
    expect(html.toString()).toBe('if x&lt;y and y&gt;z &amp; q<br>then &lt;b&gt;');
  });

  it('is escaped for Markdown', () => {
    expect(new PlainText('1. *a* [b](c) <at>d</at> &amp;\n- snake_case').toMarkdown()).toBe(
      '1\\. \\*a\\* \\[b\\]\\(c\\) &lt;at&gt;d&lt;/at&gt; &amp;amp;\n\n\\- snake\\_case',
    );
  });

  it('loses characters that would reorder or hide text', () => {
    expect(new PlainText('pay \u202Eevil\u0000 \ud800now\r\nplease').toString()).toBe('pay evil now\nplease');
  });
});
