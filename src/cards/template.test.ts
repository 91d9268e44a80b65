// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the template language writes placeholders this way
import { describe, expect, it } from 'vitest';
import { PlainText } from '../html/plain-text.ts';
import { expandLeniently, expandTemplate } from './template.ts';

describe('expandTemplate', () => {
  it('fills values with their types, loops over data and leaves out what $when denies', async () => {
    const template = {
      count: '${n}',
      rows: [{ $data: '${rows}', text: '${$index}: ${name}' }],
      gone: { $when: '${n > 5}', text: 'many' },
      kept: [{ $when: '${missing == null}', text: 'kept' }],
    };
    expect(await expandTemplate(template, { n: 3, rows: [{ name: 'a' }, { name: 'b' }] })).toEqual({
      count: 3,
      rows: [{ text: '0: a' }, { text: '1: b' }],
      gone: null,
      kept: [{ text: 'kept' }],
    });
  });

  it('never expands data, whatever it looks like', async () => {
    expect(await expandTemplate({ a: '${user}', b: 'by ${user}!' }, { user: '${secret} ${', secret: 'x' })).toEqual({
      a: '${secret} ${',
      b: 'by ${secret} ${!',
    });
  });

  it.each([
    ['a missing value', { body: [{ text: 'Hi ${name.first}' }] }, '$.body[0].text needs "name.first"'],
    ['a missing value alone', { text: '${name}' }, '$.text needs "name"'],
    ['a function that fails on it', { text: 'a ${toUpper(name)} b' }, '$.text needs'],
  ])('refuses %s, with its path', async (_, template, place) => {
    await expect(expandTemplate(template, {})).rejects.toMatchObject({
      code: 'template_unfilled',
      message: expect.stringContaining(place),
    });
  });

  it.each([
    ['functions that make objects from text', { a: 'x ${json(s)}' }, { s: '{}' }],
    ['patterns of unbounded cost', { a: "${if(isMatch(s, '^(a|a)*$'), 1, 2)}" }, { s: 'a' }],
    ['a broken expression', { a: '${if(}' }, {}],
    ['an impossible expression', { a: '${1/0}' }, {}],
    ['polluting keys in data', { a: '${b}' }, JSON.parse('{"b":{"__proto__":{"polluted":1}}}')],
    ['polluting keys in the template', JSON.parse('{"constructor":{"prototype":{}}}'), {}],
    [
      'loops within loops without end',
      { a: [{ $data: '${$root.l}', b: [{ $data: '${$root.l}', c: [{ $data: '${$root.l}', d: '1' }] }] }] },
      { l: Array.from({ length: 300 }, (_, i) => i) },
    ],
  ])('refuses %s', async (_, template, data) => {
    await expect(expandTemplate(template, data)).rejects.toMatchObject({ code: 'template_invalid' });
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  it('has a function that makes data mean itself among Markdown', async () => {
    const text = '*a* [b](https://c.example) `d` 1. _e_';
    expect(await expandTemplate({ a: 'By **${escapeMarkdown(s)}**' }, { s: text })).toEqual({
      a: `By **${new PlainText(text).toMarkdown()}**`,
    });
    expect(await expandTemplate({ a: '${escapeMarkdown(n)}' }, { n: 7 })).toEqual({ a: '7' });
    expect(await expandTemplate({ a: '${escapeMarkdown(s)}' }, { s: 'x ${y}' })).toEqual({ a: 'x ${y}' });
    const missing = expandTemplate({ a: '${escapeMarkdown(nothing)}' }, {});
    await expect(missing).rejects.toMatchObject({ code: 'template_unfilled' });
    const mayMiss = (name: string) => name === 'nothing';
    expect(await expandTemplate({ a: 'x${escapeMarkdown(nothing)}' }, {}, { mayMiss })).toEqual({ a: 'x' });
  });

  it('keeps data out of its errors', async () => {
    const error = (await expandTemplate({ a: '${b} ${1/0}' }, { b: 'canary' }).catch((thrown) => thrown)) as Error;
    expect(`${error.message} ${error.stack} ${String(error.cause)}`).not.toContain('canary');
  });
});

describe('data that do not suit an expression', () => {
  const template = {
    body: [
      { type: 'TextBlock', text: 'Used: ${substring(text, 50)} of ${total}' },
      { type: 'TextBlock', text: '${substring(text, 50)}' },
      { type: 'TextBlock', $data: '${substring(text, 50)}', text: 'row' },
      { type: 'Container', $data: '${rows}', items: [{ type: 'TextBlock', text: '${name}' }] },
    ],
  };
  const data = { text: 'short', total: 9, rows: [{ name: 'a' }, { name: 'b' }] };
  const mayMiss = () => true;

  it('leave their place empty and named, and the rest as it is', async () => {
    const { card, failed } = await expandLeniently(template, data, { mayMiss });
    const row = (text: string) => ({ type: 'Container', items: [{ type: 'TextBlock', text }] });
    expect(card).toEqual({
      body: [{ type: 'TextBlock', text: 'Used:  of 9' }, { type: 'TextBlock', text: '' }, row('a'), row('b')],
    });
    expect(failed).toEqual(['$.body[0].text', '$.body[1].text', '$data substring(text, 50)']);
    expect(JSON.stringify(failed)).not.toContain('short');
  });

  it('are refused where somebody looks at the answer', async () => {
    await expect(expandTemplate(template, data)).rejects.toMatchObject({ code: 'template_invalid' });
  });
});
