import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvLine } from './csv.ts';
import { clearLines, forTerminal, widthOf, withoutCodes, written } from './terminal.ts';

describe('foreign text on a terminal', () => {
  it.each([
    ['ESC', '\u001b[2J', '\\u001b[2J'],
    ['BEL', '\u0007', '\\u0007'],
    ['C1', '\u009b31m', '\\u009b31m'],
    ['DEL', '\u007f', '\\u007f'],
    ['an operating system command', '\u001b]0;title\u0007', '\\u001b]0;title\\u0007'],
    ['a turn of direction', 'a\u202eb\u2066', 'a\\u202eb\\u2066'],
  ])('%s is shown, not obeyed', (_, text, shown) => expect(forTerminal(text)).toBe(shown));

  it('everything else is as it was', () => {
    expect(forTerminal('Zoë 👩‍💻 שלום\t1\r\n')).toBe('Zoë 👩‍💻 שלום\t1\r\n');
  });

  it('means the same in JSON', () => {
    const anyText = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(anyText, (text) => {
        expect(JSON.parse(forTerminal(JSON.stringify({ text })))).toEqual({ text });
      }),
    );
  });

  it('only our own codes get through, and only when they come alone', () => {
    expect(written(clearLines(3), true)).toBe('\r\u001b[3A\u001b[J');
    expect(written(`${clearLines(3)}x`, true)).not.toContain('\u001b');
    expect(written(clearLines(3), false)).not.toContain('\u001b');
  });

  it('a line of CSV has no codes, with and without --excel', () => {
    for (const excel of [false, true]) {
      expect(csvLine(['\u001b[31m=1', '\u009d', '\u0007'], { excel })).not.toMatch(/[\u0007\u001b\u0080-\u009f]/);
    }
    expect(csvLine(['\u001b[31m'])).toBe('\\u001b[31m\r\n');
  });

  it('nothing of any text is obeyed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(withoutCodes(text)).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/);
      }),
    );
  });
});

it('is as wide as the terminal that progress is drawn on, also while results go to a file', () => {
  expect([widthOf({}, { columns: 80 }), widthOf({ columns: 0 }, { columns: 40 }), widthOf({}, {})]).toEqual([
    80, 40, 120,
  ]);
});
