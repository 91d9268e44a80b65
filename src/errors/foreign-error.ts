/**
 * What may be told of an error that is not ours: its kind, and where in the program it was thrown. Its own words are not
 * passed on: a parser's message quotes what it could not read, and that may be somebody's message.
 */
export function foreignErrorText(error: unknown): string {
  if (!(error instanceof Error)) return 'A value was thrown that is no error.';
  const [place] = placesOf(error);
  return `${error.name}${place === undefined ? '' : ` at ${place}`}.`;
}

/** The frames of the stack without the message that stands above them, innermost first. */
export function placesOf(error: Error): readonly string[] {
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at .*:\d+:\d+\)?$/.test(line));
  return frames.map((frame) => /([\w.-]+\/[\w.-]+:\d+):\d+\)?$/.exec(frame)?.[1] ?? frame.trim());
}
