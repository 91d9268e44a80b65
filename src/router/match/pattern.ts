import { RE2JS } from 're2js';
import { routerErrors } from '../errors.ts';

/** Longest pattern accepted, in characters. */
const MAX_PATTERN_CHARS = 2_000;

/** Largest compiled program accepted: matching takes time in proportion to it, for every character. */
const MAX_PROGRAM_SIZE = 1_000;

/** True when the whole text matches. */
export type Pattern = (text: string) => boolean;

/**
 * Compiles a regular expression of RE2's syntax, anchored at both ends. It matches in linear time whatever the text.
 *
 * @throws SluiceError `pattern_invalid` - bad syntax, lookaround, backreference, or a pattern that is too large
 * @see https://github.com/google/re2/wiki/Syntax
 */
export function compilePattern(source: string): Pattern {
  if (source.length > MAX_PATTERN_CHARS) {
    throw invalid(`is ${source.length} characters long`, `At most ${MAX_PATTERN_CHARS} characters.`);
  }
  const compiled = parse(source);
  if (compiled.programSize() > MAX_PROGRAM_SIZE) {
    throw invalid(`${quote(source)} is too large to match quickly`, 'Use smaller repetition counts.');
  }
  return (text) => compiled.testExact(text);
}

function parse(source: string): RE2JS {
  try {
    return RE2JS.compile(source);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'unreadable';
    throw invalid(
      `${quote(source)} is refused: ${reason}`,
      'Valid: RE2 syntax, anchored at both ends, without lookaround and backreferences.',
      cause,
    );
  }
}

const quote = (source: string) => `"${source.length > 80 ? `${source.slice(0, 80)}…` : source}"`;

const invalid = (problem: string, valid: string, cause?: unknown) =>
  routerErrors.pattern_invalid({ problem, valid }, { cause });
