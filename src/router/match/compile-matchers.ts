import type { MatcherConfig } from '../config/schema.ts';
import { compileMatcher, type Matcher } from './matcher.ts';
import { parseMatchers } from './matcher-syntax.ts';

/**
 * Compiles a list of conditions, each text in matcher syntax or an object.
 *
 * @throws SluiceError `matcher_invalid` or `pattern_invalid`
 */
export function compileMatchers(list: readonly MatcherConfig[]): Matcher[] {
  return list.flatMap((entry) => (typeof entry === 'string' ? parseMatchers(entry) : [entry])).map(compileMatcher);
}
