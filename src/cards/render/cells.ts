/** Characters that take two terminal cells. Source: https://www.unicode.org/reports/tr11/ */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
/** Characters that take none. */
const ZERO = /\p{Mn}|\p{Me}|[\u200b-\u200f]/u;

function cellsOf(character: string): number {
  if (ZERO.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

/** Terminal cells a text takes. */
export function cells(text: string): number {
  let sum = 0;
  for (const character of text) sum += cellsOf(character);
  return sum;
}

/** The text in exactly that many cells: padded, or cut with `…`. */
export function fitCells(text: string, width: number): string {
  const length = cells(text);
  if (length <= width) return text + ' '.repeat(width - length);
  let kept = '';
  let used = 0;
  for (const character of text) {
    if (used + cellsOf(character) > width - 1) break;
    kept += character;
    used += cellsOf(character);
  }
  return `${kept}…${' '.repeat(Math.max(0, width - 1 - used))}`;
}

/** The text in lines of at most that many cells, broken between words where possible. */
export function wrapCells(text: string, width: number): string[] {
  return text.split('\n').flatMap((line) => {
    const lines: string[] = [];
    let current = '';
    let used = 0;
    const breakLine = () => {
      lines.push(current.trimEnd());
      current = '';
      used = 0;
    };
    for (const word of line.split(/(?<= )/)) {
      if (used > 0 && used + cells(word.trimEnd()) > width) breakLine();
      for (const character of word) {
        if (used + cellsOf(character) > width) breakLine();
        current += character;
        used += cellsOf(character);
      }
    }
    breakLine();
    return lines;
  });
}
