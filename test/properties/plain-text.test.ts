import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BOT, factSet, plainBlocks, textBlock, WORKFLOW } from '../../src/cards/index.ts';
import { textOfLines } from '../../src/cards/markdown/lines.ts';
import { iosText, phoneLines } from '../../src/cards/markdown/phone.ts';
import { webLines } from '../../src/cards/markdown/web.ts';
import { PlainText } from '../../src/html/index.ts';
import { literalMarkdown } from '../../src/html/markdown-escape.ts';

type Part = Readonly<Record<string, unknown>>;

/** What a reader sees of Markdown, by the client's parser. */
const views = {
  web: (markdown: string) => textOfLines(webLines(markdown)),
  android: (markdown: string) => textOfLines(phoneLines(markdown)),
  ios: iosText,
} as const;

/** HTML drops blanks at both ends of a line and all but one of several; non-breaking ones stay. U+2028 ends no line. */
const asHtml = (text: string) => text.replace(/ +/g, ' ').replace(/(?<![^\n]) | (?![^\n])/g, '');

function shown(element: Part, view: (markdown: string) => string): string {
  if (element['type'] === 'TextBlock') return asHtml(view(String(element['text'])));
  if (element['type'] === 'CodeBlock') return String(element['codeSnippet']);
  if (element['type'] === 'RichTextBlock')
    return asHtml((element['inlines'] as Part[]).map((run) => run['text']).join(''));
  if (element['type'] === 'FactSet') {
    return (element['facts'] as Part[])
      .map((fact) => `${view(String(fact['title']))}: ${view(String(fact['value']))}`)
      .join('\n');
  }
  return (element['items'] as Part[]).map((item) => shown(item, view)).join('\n');
}

/** The documented normalisation: a tab is four blanks, blank lines are space between lines. */
const lines = (text: string) =>
  text
    .replaceAll('\t', '    ')
    .replaceAll('\u00a0', ' ')
    .split('\n')
    .map((line) => line.replace(/[^\S\n]+$/, ''))
    .filter((line) => line !== '');

const marks = [
  ...'\\`*_{}[]()#+-.!|<>&~\n\t 1;:"=',
  'amp;',
  '&lt;',
  '<at>',
  '](',
  '**',
  '1. ',
  '1) ',
  '- ',
  '    ',
  '---',
  '> ',
];
const monitors = [
  '10.0.0.5:9100',
  '95% (limit 90%)',
  '<none>',
  'C:\\temp',
  'kube_pod_status',
  '`x`',
  'https://e.example/a_b?c=d&e=(f)',
  '\u00e4',
  '😀',
  'a',
];
const text = fc
  .array(
    fc.oneof(fc.constantFrom(...marks), fc.constantFrom(...monitors), fc.string({ maxLength: 3, unit: 'grapheme' })),
    { maxLength: 12 },
  )
  .map((pieces) => new PlainText(pieces.join('')))
  .filter((plain) => !plain.isBlank);

describe('plain text', () => {
  it('reads the same on the web, on Android and on iOS: to the character', () => {
    fc.assert(
      fc.property(text, fc.constantFrom(WORKFLOW, BOT), (plain, profile) => {
        for (const view of Object.values(views)) {
          const seen = plainBlocks(plain, {}, { profile }).map((element) => shown(element, view));
          expect(lines(seen.join('\n'))).toEqual(lines(plain.toString()));
        }
      }),
      { numRuns: 5_000 },
    );
  });

  it('reads the same as the title and the value of a fact, and as a block of the builder', () => {
    fc.assert(
      fc.property(text, text, (title, value) => {
        for (const view of Object.values(views)) {
          expect(lines(shown(textBlock(title), view))).toEqual(lines(title.toString()));
          const seen = shown(factSet([[title, value]]), view);
          expect(lines(seen.replace(/\s/g, ''))).toEqual(lines(`${title}:${value}`.replace(/\s/g, '')));
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('needs no more than Markdown for what has none in any parser', () => {
    for (const line of ['10.0.0.5:9100', '95% (limit 90%)', '1.5', 'C:\\temp\\new_file', '*.example.com', '_a_ b'])
      expect(literalMarkdown(line)).toBeDefined();
    for (const line of [
      '<none>',
      '`kubectl get pods`',
      '1. x',
      '# x',
      '    x',
      '\tx',
      '---',
      '> x',
      '&amp;',
      'a  b',
      '[a](b)',
    ])
      expect(literalMarkdown(line)).toBeUndefined();
  });

  it('reads the same among Markdown too, but for backticks, whose escape phones show', () => {
    const line = text.filter((plain) => !/[`\n\t]| {2}|^\s|\s$/.test(plain.toString()));
    fc.assert(
      fc.property(line, (plain) => {
        for (const view of Object.values(views)) {
          const seen = view(plain.toMarkdown()).replaceAll('\u200b', '').replaceAll('\u00a0', ' ');
          expect(seen).toBe(plain.toString().replaceAll('\u200b', '').replaceAll('\u00a0', ' '));
        }
      }),
      { numRuns: 3_000 },
    );
  });
});
