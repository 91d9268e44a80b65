/**
 * What a program writes for a terminal and nobody is meant to read: colours and cursor moves (CSI), titles and links
 * (OSC), device strings, character sets. Each goes whole; without its escape character the rest would be read as text.
 *
 * Source: https://ecma-international.org/publications-and-standards/standards/ecma-48/
 */
const SEQUENCES = new RegExp(
  [
    // Control strings end with BEL or ST; one that does not ends with its line.
    '(?:\\u001b+[\\]PX^_]|[\\u0090\\u0098\\u009d-\\u009f])[^\\u0007\\u001b\\u009c\\n]*(?:\\u0007|\\u001b\\\\|\\u009c)?',
    '(?:\\u001b+\\[|\\u009b)[0-?]*[ -/]*[@-~]?',
    '\\u001b+[ -/]*[0-Z\\\\^-~]',
  ].join('|'),
  'g',
);

/** The text as a terminal would have shown it. */
export function withoutTerminalSequences(text: string): string {
  return /[\u001b\u0080-\u009f]/.test(text) ? text.replace(SEQUENCES, '') : text;
}
