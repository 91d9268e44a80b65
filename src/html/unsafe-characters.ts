import { withoutTerminalSequences } from './terminal-sequences.ts';

/**
 * Characters that change how the text around them is shown or read: control characters (but not tab, line feed and
 * carriage return), bidirectional embeddings, overrides and isolates, noncharacters, and lone surrogates.
 *
 * Source: https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing, https://trojansource.codes/
 */
const UNSAFE =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufffe\uffff]|\p{Cs}/u;
const EVERY_UNSAFE = new RegExp(UNSAFE.source, 'gu');

/** The text without terminal sequences and unsafe characters, line ends as `\n`. Idempotent. */
export function withoutUnsafeCharacters(text: string): string {
  return withoutTerminalSequences(text.replace(/\r\n?/g, '\n')).replace(EVERY_UNSAFE, '');
}

/** Characters that {@link withoutUnsafeCharacters} takes away, line ends apart. */
export function unsafeCharacters(text: string): number {
  return text.replace(/\r\n?/g, '\n').length - withoutUnsafeCharacters(text).length;
}

/** True when a reader would see nothing: blanks, zero-width characters, fillers, and what is taken away anyway. */
export function isBlank(text: string): boolean {
  return !/[^\p{White_Space}\p{Default_Ignorable_Code_Point}\p{Cf}\p{Cc}\p{M}\u2800\u{1d159}]/u.test(
    withoutUnsafeCharacters(text),
  );
}

/** The first unsafe character as `U+202E`, or undefined. */
export function firstUnsafeCharacter(text: string): string | undefined {
  const found = UNSAFE.exec(text)?.[0];
  return found && `U+${found.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`;
}
