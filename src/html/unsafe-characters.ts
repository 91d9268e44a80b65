/**
 * Characters that change how the text around them is shown or read: control characters (but not tab, line feed and
 * carriage return), bidirectional embeddings, overrides and isolates, noncharacters, and lone surrogates.
 *
 * Source: https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing, https://trojansource.codes/
 */
const UNSAFE =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufffe\uffff]|\p{Cs}/u;
const EVERY_UNSAFE = new RegExp(UNSAFE.source, 'gu');

/** The text without unsafe characters, line ends as `\n`. Idempotent. */
export function withoutUnsafeCharacters(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(EVERY_UNSAFE, '');
}

/** The first unsafe character as `U+202E`, or undefined. */
export function firstUnsafeCharacter(text: string): string | undefined {
  const found = UNSAFE.exec(text)?.[0];
  return found && `U+${found.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`;
}
