import { describe, expect, it } from 'vitest';
import { Html } from './html.ts';
import { PlainText } from './plain-text.ts';

describe('PlainText', () => {
  it('is escaped for HTML, not sanitised', () => {
    const html = new PlainText('if x<y and y>z & q\nthen <b>').toHtml();
    expect(html).toBeInstanceOf(Html);
    expect(html.toString()).toBe('if x&lt;y and y&gt;z &amp; q<br>then &lt;b&gt;');
  });

  it('is kept from being Markdown: with the escapes all clients know, else with a character nobody sees', () => {
    expect(new PlainText('1. *a* [b](c) <at>d</at> &amp;\n- snake_case _x').toMarkdown()).toBe(
      '1.\u200b \\*a\\* [b]\u200b(c) <\u200bat>d<\u200b/at> &\u200bamp;\n\n-\u200b snake_case \\_x',
    );
  });

  it('needs no escape for most of what a monitor says', () => {
    for (const line of ['10.0.0.5:9100', '95% (limit 90%)', '1.5', 'C:\\temp', 'kube_pod_status', '-5', 'a & b', '#1'])
      expect(new PlainText(line).toMarkdown()).toBe(line);
  });

  it.each([
    ['colours', '\u001b[31mFAIL\u001b[0m test_a', 'FAIL test_a'],
    ['colours of 256 and of 16 million', '\u001b[38;5;196mred\u001b[48:2::1:2:3m!\u001b[m', 'red!'],
    ['cursor moves and erased lines', '10%\u001b[2K\u001b[1Gdone\u001b[?25h', '10%done'],
    ['links, whose words stay', '\u001b]8;;https://e.example\u001b\\log\u001b]8;;\u001b\\', 'log'],
    ['titles', '\u001b]0;make\u0007ok', 'ok'],
    ['a title without an end, up to the end of the line', 'a\u001b]0;make\nok', 'a\nok'],
    ['single shifts and character sets', '\u001b(Bok\u001b7\u001b=', 'ok'],
    ['the one-character forms of eight bits', '\u009b31mFAIL\u009b0m \u009d0;x\u009cok', 'FAIL ok'],
    ['half a sequence at the end', 'ok\u001b[3', 'ok'],
    ['escapes in front of escapes', '\u001b\u001b[31mok', 'ok'],
  ])('is what a terminal would show: %s', (_, source, shown) => {
    expect(new PlainText(source).toString()).toBe(shown);
  });

  it('counts what it took away, but not the two-character line ends', () => {
    expect(new PlainText('\u001b[31ma\u202e\r\nb').removedCharacters).toBe(6);
    expect(new PlainText('a\tb\u00a0c').removedCharacters).toBe(0);
  });

  it.each([
    '',
    ' \n\t',
    '\u200b\u200d\ufeff',
    '\u00ad\u2060',
    '\u202e\u0007',
    '\u2800\u3164',
    '\u001b[31m\u001b[0m',
    '\ufe0f',
  ])('is blank when nobody would see anything: %j', (source) => {
    expect(new PlainText(source).isBlank).toBe(true);
  });

  it.each(['.', '0', '😀', 'ـ', '中', '\u200bx', '\ue000'])('is not blank with %j', (source) => {
    expect(new PlainText(source).isBlank).toBe(false);
  });

  it('loses characters that would reorder or hide text', () => {
    expect(new PlainText('pay \u202Eevil\u0000 \ud800now\r\nplease').toString()).toBe('pay evil now\nplease');
  });
});
