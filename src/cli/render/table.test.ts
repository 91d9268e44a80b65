import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvLine } from './csv.ts';
import { bar, clip, duration, formatCell, renderRows, renderTable, textWidth } from './table.ts';

describe('tables as text', () => {
  it('align, numbers to the right', () => {
    const text = renderTable(
      ['name', 'n'],
      [
        ['Zoë', 5],
        ['会議', 1234],
      ],
      { columns: 80 },
    );
    expect(text.split('\n')).toEqual(['name     n', '────  ────', 'Zoë      5', '会議  1234']);
  });

  it('never get wider than the terminal, whatever is in them', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.string({ unit: 'grapheme', maxLength: 90 }), fc.string({ maxLength: 90 })), {
          minLength: 1,
        }),
        (rows) => {
          for (const wrap of [false, true])
            for (const line of renderTable(['first', 'second'], rows, { columns: 40, wrap }).split('\n'))
              expect(textWidth(line)).toBeLessThanOrEqual(40);
        },
      ),
    );
  });

  it('lose nothing when they wrap', () => {
    const rows = [
      ['messages', 'Root messages of channels; deleted ones stay. STRUCT("contentType"VARCHAR,"content"VARCHAR)'],
    ];
    expect(renderTable(['table', 'meaning'], rows, { columns: 40, wrap: true }).split('\n')).toEqual([
      'table     meaning',
      '────────  ──────────────────────────────',
      'messages  Root messages of channels;',
      '          deleted ones stay.',
      '          STRUCT("contentType"VARCHAR,"c',
      '          ontent"VARCHAR)',
    ]);
  });

  it('become records when the names of the columns do not fit', () => {
    const names = ['createdDateTime', 'body', 'subject'];
    const rows = [['2026', 'a text that is far too long', null]];
    expect(renderRows(names, rows, { columns: 25 }).split('\n')).toEqual([
      '── 1 ──',
      'createdDateTime  2026',
      'body             a text …',
      'subject',
    ]);
    expect(renderRows(names, rows, { columns: 32 }).split('\n')[0]).toBe('createdDateTime  body    subject');
  });

  it('keep a row on one line', () => {
    expect(clip('a\nb\u001b[31mc', 20)).toBe('a b [31mc');
  });
});

describe('bars and durations', () => {
  it('are proportional, with eighths', () => {
    expect([bar(10, 10, 4), bar(5, 10, 4), bar(1, 32, 4), bar(0, 10, 4), bar(0, 0, 4)]).toEqual([
      '████',
      '██',
      '▏',
      '',
      '',
    ]);
  });

  it('are said as people say them', () => {
    expect([420, 12_345, 250_000, 7_500_000].map(duration)).toEqual(['420 ms', '12.3 s', '4 min 10 s', '2 h 5 min']);
  });
});

describe('numbers', () => {
  it('are short in a table, and small ones are not nothing', () => {
    expect([5, 1234.56789, 0.1 + 0.2, 0.000123456, -0.00002].map(formatCell)).toEqual([
      '5',
      '1234.568',
      '0.3',
      '0.000123',
      '-0.00002',
    ]);
  });
});

describe('CSV', () => {
  it('writes numbers whole', () => {
    expect(csvLine([0.1 + 0.2, 1.23e-7, 1234.56789, 12345678901234567890n, 1e300])).toBe(
      '0.30000000000000004,1.23e-7,1234.56789,12345678901234567890,1e+300\r\n',
    );
  });

  it('quotes what needs it and keeps every text as it is', () => {
    expect(csvLine(['a,b', 'say "hi"', '=1+1', '- item', -5, null, 12n])).toBe(
      '"a,b","say ""hi""",=1+1,- item,-5,,12\r\n',
    );
  });

  it.each([
    '=1+1',
    '+1',
    '-1',
    '@SUM(A1)',
    '\t=1',
    '\r=1',
    '\n=1',
    '\nx',
    '\tx',
    ' =1',
    '\u00a0=1',
    '\u200b=1',
    '\ufeff=1',
  ])('disarms %j for a spreadsheet', (text) => expect(csvLine([text], { excel: true })).toMatch(/^"?'/));

  it.each(['＝1+1', '＋1', '－1', '＠SUM(A1)', ' ＝1'])('disarms the full-width %s for a spreadsheet', (text) => {
    expect(csvLine([text], { excel: true })).toBe(`'${text}\r\n`);
  });

  it('leaves numbers and harmless texts alone for a spreadsheet too', () => {
    expect(csvLine([-5, 'a=b', '1-2', ' x', ''], { excel: true })).toBe('-5,a=b,1-2, x,\r\n');
  });
});
